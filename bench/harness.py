"""Times contestants that answer the same questions, each new to all of them, in interleaved rounds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from statistics import median
from time import process_time
from typing import Generic, TypeVar

import msgspec

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Contestant(msgspec.Struct, Generic[Question, Answer], frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Who answers, the questions in the contestant's own words, and how many of them are asked in one turn."""

    name: str
    ask: Callable[[Question], Answer]
    questions: Sequence[Question]
    timed_count: int


class Disagreement(Exception):
    """Two contestants answered one question differently, so their times say nothing."""


def check_agreement(contestants: Sequence[Contestant[Question, Answer]], span: slice) -> None:
    """Ask all contestants the questions of a span and compare the answers."""
    first, *others = contestants
    answers = [first.ask(question) for question in first.questions[span]]
    for other in others:
        for question, expected in zip(other.questions[span], answers, strict=True):
            found = other.ask(question)
            if found != expected:
                raise Disagreement(f"{other.name} answers {found}, {first.name} {expected}, to {question}")


def race(contestants: Sequence[Contestant[Question, Answer]], rounds: int, begin: int) -> dict[str, float]:
    """Return each contestant's median microseconds a question over rounds in which all take turns.

    Every round has questions of its own, in order from the one at `begin`.
    It is processor time that counts, so what else the machine does matters little, and falls on all alike.
    """
    seconds: dict[str, list[float]] = {contestant.name: [] for contestant in contestants}
    gc.collect()
    gc.disable()
    try:
        for number in range(rounds):
            for contestant in contestants:
                seconds[contestant.name].append(_time_turn(contestant, begin + number * contestant.timed_count))
    finally:
        gc.enable()
    return {name: median(turns) * 1e6 for name, turns in seconds.items()}


def _time_turn(contestant: Contestant[Question, Answer], begin: int) -> float:
    """Return the seconds a question takes in one turn."""
    ask = contestant.ask
    questions = contestant.questions[begin : begin + contestant.timed_count]
    begun = process_time()
    for question in questions:
        ask(question)
    return (process_time() - begun) / len(questions)
