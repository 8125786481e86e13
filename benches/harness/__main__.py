"""What `make bench` runs: builds, plays, prints, writes. Its settings come from the environment (benches/README.md)."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from . import compare, curves, drawing, judging, results, table
from .checkout import Broken, Checkout
from .goals import ASIDES, GOALS, Goal
from .players import Refused

ROOT = Path(__file__).resolve().parents[2]


class Misused(Exception):
    """The settings make no sense."""


@dataclass(frozen=True)
class Settings:
    """What was asked for."""

    only: frozenset[str]
    quick: bool
    base: str
    json: Path
    plots: bool

    @property
    def is_full(self) -> bool:
        """Whether everything was asked for."""
        return not (self.only or self.quick or self.base)

    def chosen(self, goals: Iterable[Goal]) -> list[Goal]:
        """Give the goals that were asked for."""
        return [goal for goal in goals if not self.only or goal.id in self.only]


def settings_from(environment: dict[str, str], target: Path) -> Settings:
    """Read the settings; empty ones are those that make was not given."""
    only = frozenset(environment.get("ONLY", "").replace(",", " ").upper().split())
    unknown = only - {goal.id for goal in GOALS}
    if unknown:
        known = " ".join(dict.fromkeys(goal.id for goal in GOALS))
        raise Misused(f"there is no goal {' '.join(sorted(unknown))}; ONLY takes some of {known}")
    base = environment.get("BASE", "")
    quick = _is_on(environment, "QUICK", False)
    default = target / "bench" / ("compared.json" if base else "results.json")
    json = ROOT / environment["JSON"] if environment.get("JSON") else default
    return Settings(only, quick, base, json, _is_on(environment, "PLOTS", not (only or quick or base)))


def _is_on(environment: dict[str, str], name: str, default: bool) -> bool:
    value = environment.get(name, "")
    if value not in ("", "0", "1"):
        raise Misused(f"{name} is 1 or 0, not {value!r}")
    return value == "1" if value else default


def complain(error: Broken) -> None:
    """Tell all of it, where it disturbs no table."""
    print(f"backstay: {error}", file=sys.stderr, flush=True)


def run_goals(settings: Settings, checkout: Checkout) -> bool:
    """Judge the goals and give whether everything could be played."""
    goals = settings.chosen(GOALS)
    asides = list(ASIDES) if settings.is_full else []
    plots = [
        plot for plot in curves.PLOTS if settings.plots and (not settings.only or plot.goal in settings.only)
    ]
    for error in checkout.build([*_players([*goals, *asides]), *(["rust"] if plots else [])]):
        complain(error)

    goal_table = table.goal_table(goals)
    outcomes = []
    for goal in goals:
        outcomes.append(_judge(goal, checkout, settings.quick))
        table.goal_line(goal_table, outcomes[-1])
    beside = []
    if asides:
        print()
        aside_table = table.aside_table(asides)
        for aside in asides:
            beside.append(_judge(aside, checkout, settings.quick))
            table.aside_line(aside_table, beside[-1])
        print()
    played, is_drawn = _play_plots(plots, checkout)
    results.write(
        settings.json,
        ROOT,
        quick=settings.quick,
        only=sorted(settings.only),
        goals=[outcome.as_json(settings.quick) for outcome in outcomes],
        asides=[outcome.as_json(settings.quick) for outcome in beside],
        plots=played,
    )
    if played:
        is_drawn = _draw(checkout, settings.json) and is_drawn
    print(table.closing(outcomes))
    return is_drawn and all(outcome.verdict != judging.FAILED for outcome in outcomes + beside)


def _players(goals: Iterable[Goal]) -> list[str]:
    return [work.player for goal in goals for work in (goal.ours, goal.peer) if work is not None]


def _judge(goal: Goal, checkout: Checkout, quick: bool) -> judging.Outcome:
    outcome = judging.judge(goal, checkout, quick)
    # The table has the first line; the rest is what the player said last.
    if outcome.verdict == judging.FAILED and "\n" in outcome.reason:
        complain(Broken(outcome.reason))
    return outcome


def _play_plots(plots: Sequence[curves.Plot], checkout: Checkout) -> tuple[list[dict[str, object]], bool]:
    played, is_fine = [], True
    for plot in plots:
        print(f"backstay: playing what is drawn as {plot.id} ...", file=sys.stderr, flush=True)
        try:
            played.append(curves.play(checkout, plot))
        except (Broken, Refused) as error:
            complain(Broken(str(error)))
            is_fine = False
    return played, is_fine


def _draw(checkout: Checkout, json: Path) -> bool:
    try:
        drawing.draw(checkout, json, ROOT / "docs" / "plots")
    except Broken as error:
        complain(error)
        return False
    return True


def run_comparison(settings: Settings, now: Checkout) -> bool:
    """Compare with the base and give whether everything of today could be played."""
    goals = compare.distinct(settings.chosen(GOALS))
    base = compare.base_of(now, settings.base)
    players = [goal.ours.player for goal in goals]
    for error in now.build(players) + base.build(players):
        complain(error)
    moves = compare.compare(goals, now, base, settings.quick)
    found = [move.as_json(settings.quick) for move in moves]
    results.write(settings.json, ROOT, quick=settings.quick, base=settings.base, works=found)
    print(compare.closing(moves))
    return all(move.verdict != compare.FAILED for move in moves)


def main() -> int:
    """Do what was asked for; missed goals are findings, and no failure."""
    target = Path(os.environ.get("CARGO_TARGET_DIR") or "target")
    checkout = Checkout(ROOT, ROOT / target)
    try:
        settings = settings_from(dict(os.environ), checkout.target)
        is_fine = run_comparison(settings, checkout) if settings.base else run_goals(settings, checkout)
    except Misused as error:
        print(f"backstay: {error}", file=sys.stderr)
        return 2
    except Broken as error:
        complain(error)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0 if is_fine else 1


if __name__ == "__main__":
    sys.exit(main())
