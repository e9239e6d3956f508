"""What is in the log beside decisions: publications, approvals, retirements, erasures."""

import datetime as dt
from collections import defaultdict

import msgspec

from api.exporting import Masks
from cli.evidence.versions import Key
from store.auditlog import OtherLine

_MOST_SHOWN = 200


class Events:
    """The first events of a period, how many there were, and every line that is about a version, whenever logged."""

    def __init__(self) -> None:
        self.shown: list[OtherLine] = []
        self.count = 0
        self.of_versions: defaultdict[Key, list[OtherLine]] = defaultdict(list)

    def add(self, line: OtherLine, *, is_shown: bool) -> None:
        """Take a line, in the order of the log."""
        if "ruleset" in line.fields:
            self.of_versions[line.fields["ruleset"], line.fields["version"]].append(line)
        if is_shown:
            self.count += 1
            if len(self.shown) < _MOST_SHOWN:
                self.shown.append(line)


def is_within(line: OtherLine, *, since: dt.datetime | None, until: dt.datetime | None) -> bool:
    """Whether a line was logged in a period."""
    at = dt.datetime.fromisoformat(line.fields["at"])
    return (since is None or at >= since) and (until is None or at < until)


def name_account(line: OtherLine, masks: Masks) -> OtherLine:
    """Let the account of a line go by its other name where accounts are masked."""
    account_id = line.fields.get("account_id")
    if account_id is None or not masks.hides_accounts:
        return line
    fields = line.fields | {"account_id": masks.name_account(account_id)}
    return msgspec.structs.replace(line, fields=fields, line=msgspec.json.encode(fields))
