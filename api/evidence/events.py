"""What is in the log beside decisions: publications, approvals, retirements, erasures."""

import datetime as dt
from collections import defaultdict

import msgspec

from api.evidence.versions import Key
from api.masking import Masks
from store.auditlog import OtherLine

# The kinds of line that name no account; where accounts are masked, nothing but its place is shown of any other.
_NAMELESS = frozenset(
    {"publish", "approve", "retire", "activate", "retention", "clock", "setting", "key", "accesses", "run", "shadow"}
    | {"token_made", "token_renamed", "token_revoked"}
    | {"webhook_made", "webhook_rotated", "webhook_ended", "webhook_resumed", "webhook_deleted"}
)
_OF_VERSIONS = frozenset({"publish", "approve", "retire", "activate"})
_MOST_SHOWN = 200


class Events:
    """The first events of a period, how many there were, and every line that is about a version, whenever logged.

    `erasures` are the lines that say why facts of some accounts are gone: the last of each account, and the retention
    that reaches farthest.
    """

    def __init__(self, erased: frozenset[str]) -> None:
        self.shown: list[OtherLine] = []
        self.count = 0
        self.of_versions: defaultdict[Key, list[OtherLine]] = defaultdict(list)
        self._erased = erased
        self._erasures: dict[str, OtherLine] = {}

    @property
    def erasures(self) -> tuple[OtherLine, ...]:
        """The lines that say why facts are gone."""
        return tuple(self._erasures.values())

    def add(self, line: OtherLine, *, is_shown: bool) -> None:
        """Take a line, in the order of the log."""
        if line.kind in _OF_VERSIONS:
            self.of_versions[line.fields["ruleset"], line.fields["version"]].append(line)
        if line.kind in {"erasure", "merge"} and line.fields["account_id"] in self._erased:
            self._erasures[line.fields["account_id"]] = line
        if line.kind == "retention":
            farthest = self._erasures.setdefault("", line)
            if read_instant(line.fields["before"]) > read_instant(farthest.fields["before"]):
                self._erasures[""] = line
        if is_shown:
            self.count += 1
            if len(self.shown) < _MOST_SHOWN:
                self.shown.append(line)


def is_within(line: OtherLine, *, since: dt.datetime | None, until: dt.datetime | None) -> bool:
    """Whether a line was logged in a period."""
    at = read_instant(line.fields["at"])
    return (since is None or at >= since) and (until is None or at < until)


def read_instant(text: str) -> dt.datetime:
    """Read an instant of a line."""
    return dt.datetime.fromisoformat(text)


def is_masked(line: OtherLine, masks: Masks) -> bool:
    """Whether a line must not be shown, for it names an account."""
    return masks.hides_accounts and line.kind not in _NAMELESS


def mask(line: OtherLine, masks: Masks) -> OtherLine:
    """Leave of a line that must not be shown its place and its kind; its account goes by its other name."""
    fields: dict[str, object] = {name: line.fields[name] for name in ("index", "kind", "at")}
    account_id = line.fields.get("account_id")
    fields |= {} if account_id is None else {"account_id": masks.name_account(account_id)}
    return msgspec.structs.replace(line, fields=fields, line=msgspec.json.encode(fields))
