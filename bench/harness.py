"""Times contestants that answer the same questions: agreement first, then interleaved rounds."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping, Sequence
from statistics import median
from time import perf_counter
from typing import TypeVar

Question = TypeVar("Question")
Answer = TypeVar("Answer")


class Disagreement(Exception):
    """Two contestants answered one question differently, so their times say nothing."""


def check_agreement(
    contestants: Mapping[str, Callable[[Question], Answer]], questions: Sequence[Question]
) -> list[Answer]:
    """Return the common answers to all questions."""
    (first_name, first), *others = contestants.items()
    answers = [first(question) for question in questions]
    for name, ask in others:
        for question, expected in zip(questions, answers, strict=True):
            found = ask(question)
            if found != expected:
                raise Disagreement(f"{name} answers {found}, {first_name} {expected}, to {question}")
    return answers


def race(
    contestants: Mapping[str, Callable[[Question], Answer]], questions: Sequence[Question], rounds: int
) -> dict[str, float]:
    """Return each contestant's median microseconds a question over rounds in which all take turns.

    Turns are short, so that what else the machine does falls on all alike.
    """
    seconds: dict[str, list[float]] = {name: [] for name in contestants}
    gc.collect()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, ask in contestants.items():
                begun = perf_counter()
                for question in questions:
                    ask(question)
                seconds[name].append(perf_counter() - begun)
    finally:
        gc.enable()
    return {name: median(turns) * 1e6 / len(questions) for name, turns in seconds.items()}
