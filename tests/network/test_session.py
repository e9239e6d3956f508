"""Faults, threads and the life of sessions."""

from __future__ import annotations

import gc
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random
from threading import Barrier

import pytest
from durable_rules_engine import start_action_for_state

from engine.conditions.boxes import region_of
from engine.conditions.sets import integers
from engine.network import session as session_module
from engine.network.atoms import Atom
from engine.network.network import Network
from engine.network.session import EngineFault, NetworkClosed, Session, WrongWinner
from tests.network.samples import DIMENSIONS, draw_point, draw_region, find_first, number_dimensions

CALLS = ("assert_event", "start_action_for_state", "complete_and_start_action")
RULES = [(Atom("==", "f0", number),) for number in range(5)]


class Injected(Exception):
    """What the tests make the extension raise."""


class Saboteur:
    """Makes calls of the extension fail, before or after they have had their effect."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.chance = 0.0
        self.failures = 0
        self.error: type[BaseException] = Injected
        self._random = Random(1)
        for name in CALLS:
            monkeypatch.setattr(session_module, name, self._wrap(getattr(session_module, name)))

    def _wrap(self, call: Callable[..., object]) -> Callable[..., object]:
        def wrapped(*arguments: object) -> object:
            if self._random.random() < self.chance:
                self.failures += 1
                if self._random.random() < 0.5:
                    call(*arguments)
                raise self.error
            return call(*arguments)

        return wrapped


@pytest.fixture
def saboteur(monkeypatch: pytest.MonkeyPatch) -> Saboteur:
    """Stand between the session and the extension."""
    return Saboteur(monkeypatch)


def open_session() -> Session:
    """Return a session of the rules, ready to be asked."""
    session = Session()
    for rule in RULES:
        session.add(rule)
    session.open()
    return session


def event(number: int) -> str:
    """Return the event that the rule of the number matches."""
    return f'{{"id":"e","f0":{number}}}'


def test_answers_stay_right_whatever_fails_between_the_calls(saboteur: Saboteur) -> None:
    """After a fault in any of the three calls the next answers are right: from a new session or as an EngineFault."""
    random = Random(2)
    regions = [draw_region(random) for _ in range(20)]
    network = Network(regions, DIMENSIONS)
    saboteur.chance = 0.1
    faults = answers = 0
    for _ in range(3_000):
        point = draw_point(random)
        try:
            found = network.first(point)
        except EngineFault:
            faults += 1
        else:
            answers += 1
            assert found == find_first(regions, point)
    assert faults
    assert answers > faults
    assert network.resets > faults


def test_an_interruption_is_passed_on_and_leaves_nothing_behind(saboteur: Saboteur) -> None:
    """An interruption from outside, in any call, is not swallowed, and the next answer is not the old event's."""
    session = open_session()
    saboteur.error = KeyboardInterrupt
    interrupted = 0
    for number in Random(3).choices(range(6), k=2_000):
        saboteur.chance = 0.2
        try:
            found = session.match(event(number))
        except KeyboardInterrupt:
            interrupted += 1
            saboteur.chance = 0.0
            found = session.match(event(number))
        assert found == (number if number < 5 else None)
    assert interrupted > 100


def test_a_single_fault_is_mended_unseen(saboteur: Saboteur) -> None:
    """One failing evaluation is repeated on a new session and counted as a reset."""
    session = open_session()
    saboteur.chance = 1.0
    with pytest.raises(EngineFault, match="reset 1 times") as caught:
        session.match(event(2))
    assert caught.value.resets == 1
    assert isinstance(caught.value.__cause__, Injected)
    saboteur.chance = 0.0
    assert session.match(event(3)) == 3
    assert session.resets == 2
    assert session.match(event(4)) == 4
    assert session.resets == 2


def test_text_that_the_extension_cannot_read_is_a_fault() -> None:
    """An event that is no JSON raises EngineFault and does no harm."""
    session = open_session()
    with pytest.raises(EngineFault):
        session.match('{"id":"e","f0":')
    assert session.match(event(1)) == 1


def test_a_winner_that_was_not_asked_about_is_a_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """If durable_rules answers a rule that the event does not name, no answer is given."""
    dimensions = number_dimensions("days")
    network = Network([region_of({"days": integers((1, 10))}, dimensions)], dimensions)
    assert network.first({"days": 7}) == 0

    def misname(handle: int | None, state: int) -> tuple[str, str]:
        fact, match = start_action_for_state(handle, state)
        return fact, match.replace('"0000"', '"0001"')

    monkeypatch.setattr(session_module, "start_action_for_state", misname)
    with pytest.raises(WrongWinner, match="answered rule 1, which it was not asked about"):
        network.first({"days": 7})


def test_four_threads_share_a_network() -> None:
    """Threads that ask one network at a time get their own answers."""
    dimensions = number_dimensions("days")
    regions = [region_of({"days": integers((number, number + 1))}, dimensions) for number in range(0, 300, 3)]
    network = Network(regions, dimensions)
    start = Barrier(4)

    def ask(seed: int) -> int:
        random = Random(seed)
        start.wait()
        days = random.choices(range(-2, 303), k=3_000)
        return sum(network.first({"days": day}) != find_first(regions, {"days": day}) for day in days[:300]) + sum(
            network.first({"days": day}) != (day // 3 if 0 <= day < 300 and day % 3 != 2 else None) for day in days
        )

    with ThreadPoolExecutor(4) as threads:
        assert list(threads.map(ask, range(4))) == [0, 0, 0, 0]
    assert network.resets == 0


def test_a_closed_network_refuses() -> None:
    """Closing is final and may be repeated."""
    network = Network([region_of({"days": integers((1, 2))}, DIMENSIONS)], DIMENSIONS)
    network.close()
    network.close()
    with pytest.raises(NetworkClosed):
        network.first({"days": 1})


def test_thousands_of_sessions_leave_no_memory_behind() -> None:
    """Two thousand networks, made and closed or only let go, do not grow the process."""

    def cycle(count: int) -> None:
        for number in range(count):
            session = open_session()
            assert session.match(event(number % 6)) == (number % 6 if number % 6 < 5 else None)
            if number % 2:
                session.close()

    cycle(200)
    gc.collect()
    before = read_resident_kilobytes()
    cycle(2_000)
    gc.collect()
    assert read_resident_kilobytes() - before < 4_000


def read_resident_kilobytes() -> int:
    """Return the memory that the process holds."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4
