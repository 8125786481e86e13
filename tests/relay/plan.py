"""What is to happen in a relay, and what must have happened in the end: decided before, by nothing but a seed.

Instances are held by deferrals. Each deferral is taken in one language, goes over one to five hops, and is ended at its
last: completed, failed or dropped. On its way the instance may be cancelled, or a holder may stop at a checkpoint.
"""

from __future__ import annotations

import dataclasses
import random
from collections import Counter

LANGUAGES = ("Rust", "C", "C++", "Python")
MOST_HOPS = 5

# The acts at a hop, as `parcel_act` in office.h.
CANCEL, CHECKPOINT, NOTE, COMPLETE, FAIL, DROP, AGAIN = (1 << bit for bit in range(7))
ENDINGS = COMPLETE | FAIL | DROP


@dataclasses.dataclass
class Ticket:
    """The way of one deferral."""

    taker: int
    #: The language and the acts of each hop; an ending at the last.
    hops: list[tuple[int, int]]

    @property
    def ending(self) -> int:
        return self.hops[-1][1] & ENDINGS

    def acts(self, act: int) -> bool:
        return any(acts & act for _, acts in self.hops)


@dataclasses.dataclass
class Planned:
    """One instance, and the deferrals that hold it."""

    #: The language of its entry point.
    language: int
    #: Whether its grace is short, so that it may be abandoned when it is cancelled.
    hasty: bool
    tickets: list[Ticket]

    @property
    def task(self) -> str:
        return f"{'hasty' if self.hasty else 'patient'} {LANGUAGES[self.language]}"

    @property
    def canceled(self) -> bool:
        return any(ticket.acts(CANCEL) for ticket in self.tickets)

    @property
    def dropped(self) -> int:
        return sum(ticket.ending == DROP for ticket in self.tickets)

    @property
    def outcome(self) -> str:
        """How it ends unless it is abandoned: an error goes before a cancellation (L6)."""
        if any(ticket.ending == FAIL for ticket in self.tickets):
            return "FAILED"
        return "CANCELED" if self.canceled else "SUCCEEDED"


def make(deferrals: int, seed: int) -> list[Planned]:
    """A plan with so many deferrals."""
    chance = random.Random(seed)
    planned: list[Planned] = []
    left = deferrals
    while left > 0:
        count = min(left, chance.randint(1, 100))
        left -= count
        # Few fail, so that many of the others are seen to succeed.
        fails = chance.random() < 0.3
        cancels = chance.random() < 0.4
        tickets = [_ticket(chance, fails, cancels) for _ in range(count)]
        planned.append(Planned(chance.randrange(4), chance.random() < 0.3, tickets))
    return planned


def _ticket(chance: random.Random, may_fail: bool, may_cancel: bool) -> Ticket:
    hops = [[chance.randrange(4), 0] for _ in range(chance.randint(1, MOST_HOPS))]
    for hop in hops:
        hop[1] |= NOTE if chance.random() < 0.1 else 0
        hop[1] |= CHECKPOINT if chance.random() < 0.1 else 0
        hop[1] |= CANCEL if may_cancel and chance.random() < 0.02 else 0
    ending = chance.choice((COMPLETE, COMPLETE, DROP, FAIL if may_fail else COMPLETE))
    hops[-1][1] |= ending
    if ending != DROP and chance.random() < 0.2:
        hops[-1][1] |= AGAIN
    return Ticket(chance.randrange(4), [(language, acts) for language, acts in hops])


def packed(planned: list[Planned]) -> tuple[bytes, bytes]:
    """The plan as `relay_office.plan` takes it."""
    counts = b"".join(len(one.tickets).to_bytes(4, "little") for one in planned)
    tickets = bytearray()
    for one in planned:
        for ticket in one.tickets:
            hops = ticket.hops + [(0, 0)] * (MOST_HOPS - len(ticket.hops))
            tickets += bytes([ticket.taker, *(number for hop in hops for number in hop)])
    return counts, bytes(tickets)


def summary(planned: list[Planned]) -> str:
    """What is in it, in words."""
    tickets = [ticket for one in planned for ticket in one.tickets]
    endings = Counter(ticket.ending for ticket in tickets)
    return (
        f"{len(tickets)} deferrals of {len(planned)} instances over {sum(len(t.hops) for t in tickets)} hops; "
        f"{endings[COMPLETE]} to complete, {endings[FAIL]} to fail, {endings[DROP]} to drop; "
        f"{sum(one.canceled for one in planned)} instances to cancel"
    )
