"""The columns of decisions: every part of a decision, one row an account."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

import msgspec
import pyarrow as pa
from msgspec import UNSET

from engine.model.decision import Decision, Money, WorkedMoney
from engine.portfolio.columns import AMOUNT

Read = Callable[[Decision], Any]
_TEXT, _WHOLE, _DAY, _TEXTS = pa.string(), pa.int32(), pa.date32(), pa.list_(pa.string())


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """One column: its name, its Arrow type, what it says, and how it is read from a decision."""

    name: str
    type: pa.DataType
    about: str
    read: Read


def _of_decision(name: str, type_: pa.DataType, about: str, *path: str) -> Column:
    return Column(name=name, type=type_, about=about, read=_reader(path or (name,), type_))


def _of_action(name: str, type_: pa.DataType, about: str, *path: str) -> Column:
    return Column(name=name, type=type_, about=about, read=_reader(("action", *(path or (name,))), type_))


def _reader(path: Sequence[str], type_: pa.DataType) -> Read:
    """Return what follows attributes as far as there are any; what does not apply is None."""

    def read(decision: Decision) -> Any:  # noqa: ANN401  the column's type says what
        found: Any = decision
        for name in path:
            if found is None or found is UNSET:
                return None
            found = getattr(found, name)
        return None if found is UNSET or found is None else _write(found, type_)

    return read


def _write(value: object, type_: pa.DataType) -> object:
    """Return a value as its column holds it."""
    if type_ == AMOUNT:
        return Decimal(value.amount if isinstance(value, Money | WorkedMoney) else str(value))
    match value:
        case dt.datetime():
            return _instants.encode(value).decode().strip('"')
        case tuple():
            return list(value)
        case int() | Decimal() if type_ == _TEXT:  # a share is a number
            return str(value)
    return value


def _write_json(part: object) -> str | None:
    """Return a part that has no columns of its own as JSON, None where it is empty."""
    return _encoder.encode(part).decode() if part and part is not UNSET else None


def _money_of(decision: Decision) -> str | None:
    return decision.claim.total.currency if decision.claim is not None else None


def _channels_beside(decision: Decision) -> list[str]:
    return [str(each.channel) for each in decision.along_with if each.channel is not UNSET]


def _scheduled_on(decision: Decision) -> dt.date | None:
    at = UNSET if decision.action is None else decision.action.scheduled_for
    return None if at is UNSET else at.date()


def _metadata_of(decision: Decision) -> str | None:
    return None if decision.action is None else _write_json(decision.action.metadata)


def _best_hour_of(decision: Decision) -> str | None:
    return None if decision.action is None else _write_json(decision.action.best_hour)


_instants = msgspec.json.Encoder()
_encoder = msgspec.json.Encoder()

# One row a column: the formatter would give each cell a line of its own.
# fmt: off
_COLUMNS = (
    _of_decision("account_id", _TEXT, "The account."),
    _of_decision("track", _TEXT, "The track that was asked."),
    _of_decision("as_of", _TEXT, "The instant that was asked about, in the account's zone."),
    _of_decision("outcome", _TEXT, "`act`, `wait`, `blocked`, `none` or `not_covered`."),
    _of_decision("ruleset", _TEXT, "The ruleset that decided.", "ruleset", "id"),
    _of_decision("version", _WHOLE, "Its version; null for a file that was never published.", "ruleset", "version"),
    _of_decision("digest", _TEXT, "The digest of its canonical form.", "ruleset", "digest"),
    _of_decision("effective_from", _DAY, "The day from which it is effective.", "ruleset", "effective_from"),
    _of_decision("law_checked_to", _DAY, "The day to which its authors checked the law.", "ruleset", "law_checked_to"),
    _of_decision("commit", _TEXT, "The commit that it was published from.", "ruleset", "commit"),
    _of_decision("rule", _TEXT, "The rule that won.", "rule", "id"),
    _of_decision("rule_title", _TEXT, "Its title.", "rule", "title"),
    _of_decision("level", _WHOLE, "Its level.", "rule", "level"),
    _of_decision("basis", _TEXTS, "The law that it stands on.", "rule", "basis"),
    _of_action("action", _TEXT, "The action's type.", "type"),
    _of_action("channel", _TEXT, "The channel of a contact."),
    _of_action("template", _TEXT, "The template."),
    _of_action("tone", _TEXT, "The tone."),
    _of_action("language", _TEXT, "The language to write in."),
    _of_action("include", _TEXTS, "What the message carries besides its text."),
    _of_action("pay_by", _DAY, "The last day on which payment is in time."),
    _of_action("fee_name", _TEXT, "The fee charged.", "fee", "name"),
    _of_action("fee", AMOUNT, "How much it is.", "fee"),
    _of_action("fee_basis", AMOUNT, "What it was worked out on.", "fee", "basis"),
    _of_action("fee_formula", _TEXT, "How, in words.", "fee", "formula"),
    _of_action("announced_fee_name", _TEXT, "The fee announced.", "announced_fee", "name"),
    _of_action("announced_fee", AMOUNT, "How much it is.", "announced_fee"),
    _of_action("announced_fee_basis", AMOUNT, "What it was worked out on.", "announced_fee", "basis"),
    _of_action("announced_fee_formula", _TEXT, "How, in words.", "announced_fee", "formula"),
    _of_action("interest_name", _TEXT, "The interest claimed.", "interest", "name"),
    _of_action("interest", AMOUNT, "How much it is.", "interest"),
    _of_action("interest_basis", AMOUNT, "What it was worked out on.", "interest", "basis"),
    _of_action("interest_formula", _TEXT, "How, in words.", "interest", "formula"),
    _of_action("method", _TEXT, "The payment method to charge."),
    _of_action("assign_to", _TEXT, "The team or person."),
    _of_action("script", _TEXT, "What to say or do."),
    _of_action("instalments", _WHOLE, "The number of instalments offered."),
    _of_action("every", _TEXT, "The time between instalments."),
    _of_action("down_payment_percent", _TEXT, "The share to be paid at once."),
    _of_action("percent", _TEXT, "The discount as a share."),
    _of_action("discount", AMOUNT, "The discount as an amount.", "amount"),
    _of_action("valid_days", _WHOLE, "The days an offer stands."),
    _of_action("at", _TEXT, "When a contract ends."),
    _of_action("to", _TEXT, "What is left of a service, or who gets the claim."),
    _of_action("event_name", _TEXT, "The event's name.", "name"),
    Column(name="metadata", type=_TEXT, about="The rule's own words for the action, as JSON.", read=_metadata_of),
    _of_action("scheduled_for", _TEXT, "The first allowed moment, in the account's zone."),
    Column(name="scheduled_on", type=_DAY, about="Its local day.", read=_scheduled_on),
    Column(name="best_hour", type=_TEXT, about="Why a call is made at that hour, as JSON; null if it waits for none.",
        read=_best_hour_of),
    _of_action("approval", _TEXT, "`required` or `not_required`."),
    Column(name="along_with", type=_TEXT, about="The actions along with it, as JSON; null if there are none.",
        read=lambda decision: _write_json(decision.along_with)),
    Column(name="also", type=_TEXTS, about="The channels of the actions along with it.", read=_channels_beside),
    _of_decision("block", _TEXT, "The block that ended the search.", "block", "id"),
    _of_decision("block_reason", _TEXT, "Why.", "block", "reason"),
    _of_decision("claim_invoices", _TEXTS, "The invoices claimed, by due date, then id.", "claim", "invoices"),
    _of_decision("claim_credits", _TEXTS, "The credits of which a part was used.", "claim", "credits"),
    _of_decision("claim_amount", AMOUNT, "Their open sum.", "claim", "amount"),
    _of_decision("claim_fee", AMOUNT, "The fees of this decision, those along with it included.", "claim", "fee"),
    _of_decision("claim_interest", AMOUNT, "The interest of this decision.", "claim", "interest"),
    _of_decision("claim_total", AMOUNT, "The sum of the three.", "claim", "total"),
    Column(name="currency", type=_TEXT, about="The currency of every amount in the row.", read=_money_of),
    _of_decision("episode", _TEXT, "The due date that names the episode, or `none`."),
    _of_decision("sent_before", _WHOLE, "Contact actions executed in this episode before."),
    _of_decision("reason", _TEXT, "Why, in a sentence."),
    _of_decision("review_on", _DAY, "The first later day on which something else would be decided."),
    _of_decision("upcoming_rule", _TEXT, "The rule that wins next by time alone.", "upcoming", "rule"),
    _of_decision("upcoming_on", _DAY, "The day on which it does.", "upcoming", "on"),
    Column(name="variants", type=_TEXT, about="The variants of experiments, as JSON; null if there are none.",
        read=lambda decision: _write_json(decision.variants)),
    _of_decision("warnings", _TEXTS, "What the decision warns of."),
)
# fmt: on
COLUMNS: dict[str, Column] = {column.name: column for column in _COLUMNS}

DECISIONS = pa.schema([(column.name, column.type) for column in _COLUMNS])
"""One row a decided account, in the order of the accounts; a null is what does not apply."""

REFUSED = pa.schema(
    [
        ("row", pa.int64()),
        ("account_id", pa.string()),
        ("pointer", pa.string()),
        ("fact", pa.string()),
        ("message", pa.string()),
    ]
)
"""One row a problem of an account that cannot be decided on; ``row`` counts the rows of the batch from 0."""


def write_decisions(decisions: Sequence[Decision], columns: Sequence[str]) -> pa.RecordBatch:
    """Return decisions as some of the columns."""
    chosen = [COLUMNS[name] for name in columns]
    arrays = [pa.array(map(column.read, decisions), column.type, size=len(decisions)) for column in chosen]
    return pa.RecordBatch.from_arrays(arrays, names=list(columns))
