"""The parts of a program: made once, each without waiting for another."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Event, RLock

from engine.evaluation.once import MadeOnce
from tests.waiting import PATIENCE_SECONDS


class Workshop:
    """An owner of two parts: one takes as long as it must, the other no time."""

    def __init__(self) -> None:
        self.making: dict[str, RLock] = {}
        self.is_begun, self.may_end = Event(), Event()
        self.made_count = 0

    @MadeOnce
    def slow(self) -> object:
        """Return what is made while others go on."""
        self.is_begun.set()
        assert self.may_end.wait(PATIENCE_SECONDS)
        return object()

    @MadeOnce
    def quick(self) -> object:
        """Return what is made at once."""
        self.made_count += 1
        return object()


def test_whoever_asks_for_a_part_waits_for_no_other() -> None:
    """A decision that needs the networks only does not stand behind a thread that makes the masks."""
    workshop = Workshop()
    with ThreadPoolExecutor(2) as threads:
        slow = threads.submit(lambda: workshop.slow)
        assert workshop.is_begun.wait(PATIENCE_SECONDS)
        quick = threads.submit(lambda: workshop.quick)
        try:
            assert quick.result(PATIENCE_SECONDS) is workshop.quick
            assert not slow.done()
        finally:
            workshop.may_end.set()
        assert slow.result(PATIENCE_SECONDS) is workshop.slow


def test_a_part_is_made_once() -> None:
    """However many ask for it at once, and later."""
    for _ in range(100):
        workshop, barrier = Workshop(), Barrier(4)

        def ask(workshop: Workshop = workshop, barrier: Barrier = barrier) -> object:
            barrier.wait(PATIENCE_SECONDS)
            return workshop.quick

        with ThreadPoolExecutor(4) as threads:
            asked = [threads.submit(ask) for _ in range(4)]
        assert {id(each.result()) for each in asked} == {id(workshop.quick)}
        assert workshop.made_count == 1
