"""The line of requests that are served together."""

import asyncio

import pytest

from store.errors import Busy, Unavailable
from store.waiting import WaitingLine
from tests.waiting import until

pytestmark = pytest.mark.anyio

NEVER = 3600.0
AT_ONCE = 0.004


def line(*, limit: int = 10, deadline_seconds: float = NEVER) -> WaitingLine[str, str]:
    """Make a line of texts."""
    return WaitingLine(limit=limit, deadline_seconds=deadline_seconds)


def leave(*answers: asyncio.Future[str]) -> None:
    """Go away, as a caller does whose client hung up."""
    for answer in answers:
        answer.cancel()


async def test_what_waits_is_taken_together_in_order() -> None:
    """A batch is what waits, in the order of its coming, up to the weight that is wanted."""
    waiting = line()
    answers = [waiting.join(text) for text in "abcde"]
    batch = await waiting.take(3)
    assert [each.item for each in batch] == ["a", "b", "c"]
    for each in batch:
        each.resolve(each.item.upper())
    waiting.finish(batch, is_served=True)
    assert [await answer for answer in answers[:3]] == ["A", "B", "C"]
    assert waiting.weight == 2
    leave(*answers[3:])
    waiting.close("over")


async def test_a_request_heavier_than_a_batch_goes_alone() -> None:
    """A request of more weight than fits is not split and not forgotten."""
    waiting = line()
    answers = [waiting.join("heavy", weight=8), waiting.join("light")]
    assert [each.item for each in await waiting.take(3)] == ["heavy"]
    assert [each.item for each in await waiting.take(3)] == ["light"]
    leave(*answers)
    waiting.close("over")


async def test_a_full_line_refuses_at_once() -> None:
    """Beyond the limit a request is told to come again, without waiting."""
    waiting = line(limit=2)
    answers = [waiting.join("a"), waiting.join("b")]
    with pytest.raises(Busy, match="too much waits"):
        waiting.join("c")
    assert waiting.trouble is not None
    leave(*answers)
    waiting.close("over")


async def test_who_went_away_is_not_served() -> None:
    """A caller that cancels while waiting is left out of the batch, and the others are served."""
    waiting = line()
    gone, here = waiting.join("gone"), waiting.join("here")
    leave(gone)
    (only,) = await waiting.take(5)
    assert only.item == "here"
    only.resolve("done")
    assert await here == "done"
    waiting.close("over")


async def test_who_waits_too_long_is_refused_and_never_served() -> None:
    """After the deadline a waiting request is refused, and the server never sees it."""
    waiting = line(deadline_seconds=AT_ONCE)
    with pytest.raises(Busy, match="in time"):
        await waiting.join("late")
    assert waiting.weight == 0
    fresh = waiting.join("fresh")
    assert [each.item for each in await waiting.take(5)] == ["fresh"]
    leave(fresh)
    waiting.close("over")


async def test_a_stalled_service_refuses_at_once_until_it_is_back() -> None:
    """While a batch is overdue newcomers are refused at once; when it is served they are welcome again."""
    waiting = line(deadline_seconds=AT_ONCE)
    overdue = waiting.join("overdue")
    batch = await waiting.take(5)
    with pytest.raises(Busy):
        await overdue
    with pytest.raises(Busy):
        waiting.join("newcomer")
    waiting.finish(batch, is_served=True)
    assert waiting.trouble is None
    leave(waiting.join("welcome"))
    waiting.close("over")


async def test_a_stalled_service_that_gave_up_is_tried_by_one() -> None:
    """When an overdue batch was given up one request may find out whether the service is back; the next may not."""
    waiting = line(deadline_seconds=AT_ONCE)
    overdue = waiting.join("overdue")
    batch = await waiting.take(5)
    with pytest.raises(Busy):
        await overdue
    waiting.finish(batch, is_served=False)
    scout = waiting.join("scout")
    with pytest.raises(Busy):
        waiting.join("next")
    leave(scout)
    waiting.close("over")


async def test_a_stall_is_not_held_against_the_service_for_ever() -> None:
    """Readiness comes back when nothing more was seen of a stall: without it nobody would ask, and find out."""
    waiting = line(deadline_seconds=AT_ONCE)
    overdue = waiting.join("overdue")
    batch = await waiting.take(5)
    with pytest.raises(Busy):
        await overdue
    troubles = [waiting.trouble]
    waiting.finish(batch, is_served=False)
    await until(lambda: waiting.trouble is None)
    assert troubles == ["PostgreSQL does not answer in time"]
    waiting.close("over")


async def test_a_drained_line_lets_nobody_in_and_waits_for_those_inside() -> None:
    """Draining ends when what waits and what is being served is over."""
    waiting = line()
    inside = waiting.join("inside")
    draining = asyncio.create_task(waiting.drain("the service is stopping"))
    await asyncio.wait([draining], timeout=0)
    batch = await waiting.take(5)
    assert not draining.done()
    with pytest.raises(Unavailable, match="stopping"):
        waiting.join("outside")
    batch[0].resolve("done")
    waiting.finish(batch, is_served=True)
    await draining
    assert await inside == "done"
    waiting.close("over")


async def test_a_closed_line_refuses_all_that_wait() -> None:
    """Closing refuses the waiting, those being served, and newcomers, each with an error of its own."""
    waiting = line()
    served = waiting.join("served")
    await waiting.take(1)
    queued = waiting.join("queued")
    waiting.close("the writer died")
    problems = await asyncio.gather(served, queued, return_exceptions=True)
    assert [str(problem) for problem in problems] == ["the writer died"] * 2
    assert problems[0] is not problems[1]
    with pytest.raises(Unavailable, match="the writer died"):
        waiting.join("newcomer")
