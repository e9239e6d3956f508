"""What named parts of a program take, each of which is a function that is called without a wait in it."""

from __future__ import annotations

import functools
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from time import process_time
from typing import Any, TypeAlias
from unittest.mock import patch

# The part's name, and where its function stands.
Part: TypeAlias = tuple[str, object, str]


@contextmanager
def watching(parts: Sequence[Part], seconds: defaultdict[str, float]) -> Iterator[None]:
    """Add up what each part takes of the processor; what a part calls belongs to it, not to another."""
    inside: list[str] = []

    def watch(part: str, function: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(function)
        def timed(*arguments: Any, **named: Any) -> Any:  # noqa: ANN401 - whatever the part takes and returns
            if inside:
                return function(*arguments, **named)
            inside.append(part)
            begun = process_time()
            try:
                return function(*arguments, **named)
            finally:
                seconds[part] += process_time() - begun
                inside.clear()

        return timed

    with ExitStack() as stack:
        for part, holder, name in parts:
            stack.enter_context(patch.object(holder, name, watch(part, getattr(holder, name))))
        yield
