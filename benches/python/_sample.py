"""What the works share: what a work is, and how one sample of it is taken."""

from __future__ import annotations

import itertools
import statistics
import threading
from collections.abc import Callable, Iterable
from time import perf_counter_ns
from typing import TypeVar

#: Plays so many pieces and gives what one of them cost: in nanoseconds, unless the work says otherwise.
Work = Callable[[int], float]

#: How long, in seconds, a sample may take: one that hangs is to be told, not waited for.
PATIENCE = 300.0

#: Into so many parts a loop is divided.
_TURNS = 20

_Subject = TypeVar("_Subject")


class Unplayable(Exception):
    """The work cannot be played here, as the text says."""


def noop() -> None:
    """Do nothing, for those who run a function without an argument."""


async def noop_async() -> None:
    """Do nothing, for those who run a coroutine."""


class Countdown:
    """Waits until something has happened so many times, on whichever threads.

    A step takes no lock: it is a part of what is measured.
    """

    def __init__(self, size: int) -> None:
        self._last = size
        self._numbers = itertools.count(1)
        self._is_over = threading.Event()

    def step(self, _what: object = None) -> None:
        """Count one; takes an argument, as handlers do."""
        if next(self._numbers) == self._last:
            self._is_over.set()

    def wait(self) -> None:
        """Wait for the last step."""
        if not self._is_over.wait(PATIENCE):
            raise TimeoutError(f"{self._last} steps did not happen within {PATIENCE} seconds")


def per_call(loop: Callable[[Iterable[int], _Subject], None], subject: _Subject, size: int) -> float:
    """What one call costs that ``loop`` makes again and again, with its call site and without the loop.

    The loop costs as much as the cheapest of the calls, and would make all ratios between them look better. It is
    measured in turn with them, since the machine is not equally fast at all times, and the median of the turns is
    subtracted: what another program takes counts among the calls, and must not count for them beside.
    """
    turns = min(_TURNS, size)
    empty: list[int] = []
    calls = 0
    for turn in range(turns):
        pieces = range(size * turn // turns, size * (turn + 1) // turns)
        begin = perf_counter_ns()
        _empty(pieces, subject)
        middle = perf_counter_ns()
        loop(pieces, subject)
        calls += perf_counter_ns() - middle
        empty.append(middle - begin)
    return (calls - turns * statistics.median(empty)) / size


def _empty(pieces: Iterable[int], _subject: object) -> None:
    for _ in pieces:
        pass
