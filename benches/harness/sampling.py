"""How ours and a peer are sampled: in turn, with medians, and with a look at how much the machine disturbed."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

#: One sample: what one piece cost.
Play = Callable[[], float]

#: A work that differs from itself by more than this was disturbed.
NOISE = 0.10
#: How often a line is played while it is disturbed, and for how many seconds at most it is begun again.
ATTEMPTS = 3
PATIENCE = 180.0


@dataclass(frozen=True)
class Samples:
    """The values of one work, in the order in which they came."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """What is shown and compared."""
        return statistics.median(self.values)

    @property
    def noise(self) -> float:
        """How far the work is from itself: the medians of its even and of its odd rounds, by the larger one."""
        if len(self.values) < 2:
            return 0.0
        even, odd = statistics.median(self.values[::2]), statistics.median(self.values[1::2])
        larger = max(abs(even), abs(odd))
        return abs(even - odd) / larger if larger else 0.0

    def as_json(self) -> dict[str, object]:
        """Give all that a reader of the results may ask for."""
        summary = {"min": min(self.values), "median": self.median, "max": max(self.values)}
        return {**summary, "noise": self.noise, "samples": list(self.values)}


@dataclass(frozen=True)
class Pair:
    """One work of ours and what it is compared with, sampled in the same minutes."""

    ours: Samples
    peer: Samples | None
    attempts: int = 1

    @property
    def noise(self) -> float:
        """The larger of the two."""
        return max(self.ours.noise, self.peer.noise if self.peer else 0.0)

    @property
    def is_noisy(self) -> bool:
        """Whether it has to be read with care."""
        return self.noise > NOISE

    @property
    def ratio(self) -> float | None:
        """Ours by the peer's; nothing without a peer, or when it cost nothing."""
        if self.peer is None:
            return None
        return divided(self.ours.median, self.peer.median)


def divided(one: float, other: float) -> float | None:
    """Give the ratio of two costs; two that are nothing are the same."""
    if one == other:
        return 1.0
    return one / other if other > 0 else None


def sample(ours: Play, peer: Play | None, rounds: int, warm_up: bool) -> Pair:
    """Play that many rounds, and one before that does not count."""
    ours_values: list[float] = []
    peer_values: list[float] = []
    turns = [(ours, ours_values)]
    if peer is not None:
        turns.append((peer, peer_values))
    for turn in range(-1 if warm_up else 0, rounds):
        # Who begins changes after every second round, so that among the even rounds, which are compared with the odd
        # ones, there are as many of either kind.
        for play, values in turns if turn // 2 % 2 == 0 else reversed(turns):
            value = play()
            if turn >= 0:
                values.append(value)
    return Pair(Samples(tuple(ours_values)), Samples(tuple(peer_values)) if peer is not None else None)


def least_noisy(attempt: Callable[[], Pair]) -> Pair:
    """Play a line again while it was disturbed, and keep the attempt that was disturbed least."""
    begun = time.monotonic()
    best = attempt()
    attempts = 1
    while best.is_noisy and attempts < ATTEMPTS and time.monotonic() - begun < PATIENCE:
        best = min(best, attempt(), key=lambda pair: pair.noise)
        attempts += 1
    return replace(best, attempts=attempts)
