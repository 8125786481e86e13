"""What becomes of a goal line: it is played, and it is met or missed."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from .checkout import Broken, Checkout
from .goals import Goal, Work
from .players import Company, Refused
from .sampling import Pair, Play, least_noisy, sample

MET, MISSED, SKIPPED, FAILED, TOLD = "met", "missed", "skipped", "failed", "told"


@dataclass(frozen=True)
class Outcome:
    """A goal line and what was found."""

    goal: Goal
    verdict: str
    pair: Pair | None = None
    #: Why it was skipped, or how it failed.
    reason: str = ""

    def as_json(self, quick: bool) -> dict[str, object]:
        """Give all that a reader of the results may ask for."""
        goal, pair = self.goal, self.pair
        found: dict[str, object] = {
            "goal": goal.id,
            "text": goal.text,
            "unit": goal.unit,
            "limit": goal.limit,
            "verdict": self.verdict,
            "reason": self.reason or None,
            "ours": _work_as_json(goal.ours, quick),
            "peer": _work_as_json(goal.peer, quick) if goal.peer else None,
        }
        if pair is not None:
            found["ours"] = {**_work_as_json(goal.ours, quick), **pair.ours.as_json()}
            if goal.peer and pair.peer:
                found["peer"] = {**_work_as_json(goal.peer, quick), **pair.peer.as_json()}
            found.update(ratio=pair.ratio, noisy=pair.is_noisy, attempts=pair.attempts)
        return found


def _work_as_json(work: Work, quick: bool) -> dict[str, object]:
    return {"player": work.player, "work": work.name, "size": work.pieces(quick), "fresh": work.fresh}


def judge(goal: Goal, checkout: Checkout, quick: bool) -> Outcome:
    """Play a goal line and say what it came to."""
    try:
        with closing(Company(checkout, quick)) as company:
            peer = goal.peer
            pair = play_line(
                goal,
                lambda: company.play(goal.ours),
                (lambda: company.play(peer)) if peer is not None else None,
                quick,
            )
            company.finish()
    except Refused as reason:
        return Outcome(goal, SKIPPED, reason=str(reason))
    except Broken as error:
        return Outcome(goal, FAILED, reason=str(error))
    return Outcome(goal, _verdict(goal, pair), pair)


def play_line(goal: Goal, ours: Play, peer: Play | None, quick: bool) -> Pair:
    """Play one against the other for as many rounds as the line has, and again while that was disturbed."""
    rounds = goal.rounds_of(quick)
    # What begins anew each time has nothing to warm up, and what is played once would only take twice as long.
    warm_up = not goal.ours.fresh and rounds > 1
    return least_noisy(lambda: sample(ours, peer, rounds, warm_up))


def _verdict(goal: Goal, pair: Pair) -> str:
    if goal.limit is None:
        return TOLD
    compared = pair.ours.median if pair.peer is None else pair.ratio
    # A peer that costs nothing, or less, cannot be kept up with; that is a finding, too.
    return MET if compared is not None and compared <= goal.limit else MISSED
