"""How an account goes: what was done and what came of it, and what comes if nobody pays; each on its day, in words."""

import datetime as dt
from typing import Literal

import msgspec

MarkKind = Literal["due", "payment", "returned", "promise", "broken", "dispute"]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """An action on the day on which it was done, or on which it comes; ``asked_on`` where it is asked for before."""

    on: dt.date
    asked_on: dt.date | None = None
    level: int | None
    title: str
    action: str
    details: str
    money: str = ""
    pay_by: dt.date | None = None
    is_done: bool


class Mark(msgspec.Struct, frozen=True, kw_only=True):
    """Something beside the ladder, on its day; a dispute until it was closed, for as long as it is open until today."""

    on: dt.date
    until: dt.date | None = None
    kind: MarkKind
    words: str


class Course(msgspec.Struct, frozen=True, kw_only=True):
    """What happened to an account by today and what comes, in order; ``due_on`` is the due date days count from."""

    account: str
    today: dt.date
    due_on: dt.date | None
    steps: tuple[Step, ...]
    marks: tuple[Mark, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be shown."""
        return not self.steps and not self.marks
