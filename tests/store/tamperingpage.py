"""The page of docs that tells what is done to a log in tests, and as what it is found; made from those tests."""

import inspect
from collections.abc import Callable, Iterable

from tests.store.tampering import TAMPERINGS
from tests.store.test_deeds import DEEDS
from tests.store.test_tampering import FULL_COUNTS, UNUSUAL
from tests.store.test_tampering_together import FULL_SETS_COUNT
from tests.store.test_times import FORGED

_PAGE = """# What is found

What tests do to a log, directly in its database and past all that the database refuses, and as what
[verifying](log.md) tells it. This page is made from those tests.

## Lines

{tries:,} times on a log of {decisions:,} decisions, by tamperers who mend nothing, the hashes of their lines,
or the whole tree. The first are told by the line, the second by the lines whose stored hash does not fit, the
last by the checkpoints that were kept elsewhere ([test_tampering](../../tests/store/test_tampering.py)).

{lines}
{sets} times one to five of these are done at once, decoys among them: each is told as well as alone
([test_tampering_together](../../tests/store/test_tampering_together.py)).

## The tree itself

Each is told ([test_tampering](../../tests/store/test_tampering.py)).

{unusual}
## Times

Each by somebody who makes a tree that fits ([test_times](../../tests/store/test_times.py)).

{times}
## What was done

([test_deeds](../../tests/store/test_deeds.py))

{deeds}"""


def write_page() -> str:
    """Write the page."""
    tries, decisions = FULL_COUNTS
    return _PAGE.format(
        tries=tries,
        decisions=decisions,
        lines=_write_table((_say(each), f"`{name.split()[0]}`") for name, each in TAMPERINGS.items()),
        sets=FULL_SETS_COUNT,
        unusual="".join(f"- {what}\n" for what, _ in UNUSUAL),
        times=_write_table((_say(forge), f"`{kind}`: … {words}") for forge, kind, words in FORGED),
        deeds=_write_table((f"{what[0].upper()}{what[1:]}.", f"… {words} …") for what, _, words in DEEDS),
    )


def _say(function: Callable[..., object]) -> str:
    return " ".join((inspect.getdoc(function) or "").split())


def _write_table(rows: Iterable[tuple[str, str]]) -> str:
    return "| done | told as |\n|---|---|\n" + "".join(f"| {done} | {told} |\n" for done, told in rows)
