"""Stored accounts with how often people like them answer calls: the figures that a call at the best hour needs."""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

import msgspec
from msgspec.structs import replace

from api.usage import RulesetsInUse
from store.accounts import AccountWithHistory

ReadFigures = Callable[[Iterable[str | None]], Awaitable[Mapping[str | None, bytes]]]
"""Reads the figures of some segments: over the pool, or over the connection of whoever holds one, who must not wait for
another that waits for what is held.
"""
_NOTHING = b"[]"


class _Head(msgspec.Struct, frozen=True):
    """What of a document says whom an account is like, and whether its owner knows better."""

    segment: object = None
    call_hours: object = None


_HEAD = msgspec.json.Decoder(_Head)


async def tell_call_hours(
    read: ReadFigures, rulesets: RulesetsInUse, stored: Sequence[AccountWithHistory | None]
) -> list[AccountWithHistory | None]:
    """Put the figures into documents that give none, where a call waits for the best hour; else nothing is read."""
    if not rulesets.waits_for_best_hour:
        return list(stored)
    heads = [None if each is None else _HEAD.decode(each.account.document) for each in stored]
    segments = {_segment_of(head) for head in heads if head is not None}
    figures = await read(segments)
    return [
        each if each is None or head is None or head.call_hours is not None else _tell(each, figures[_segment_of(head)])
        for each, head in zip(stored, heads, strict=True)
    ]


def _segment_of(head: _Head) -> str | None:
    return head.segment if isinstance(head.segment, str) else None


def _tell(stored: AccountWithHistory, figures: bytes) -> AccountWithHistory:
    if figures == _NOTHING:
        return stored
    document = b'{"call_hours":' + figures + b"," + stored.account.document.lstrip()[1:]
    return replace(stored, account=replace(stored.account, document=document))
