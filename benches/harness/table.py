"""What a person reads while it runs: a line for each goal as soon as it is known, in columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .goals import Goal
from .judging import FAILED, MET, MISSED, SKIPPED, Outcome

#: Widths of ours, peer, ratio and limit; columns of words are as wide as their longest.
_WIDTHS = (10, 10, 6, 8)
_LARGER = {"ns": ("µs", "ms", "s"), "B": ("kB", "MB", "GB")}


class Table:
    """Columns of one width from the first line to the last, though the last is not known when the first is printed."""

    def __init__(
        self, titles: Sequence[str], words: Sequence[Iterable[str]], widths: Sequence[int] = _WIDTHS
    ) -> None:
        columns = zip(titles, words)
        self._widths = [*(max(map(len, [title, *column])) for title, column in columns), *widths]
        self._words = len(words)
        self.line(titles)
        print("-|-".join("-" * width for width in [*self._widths, len(titles[-1])]), flush=True)

    def line(self, cells: Sequence[str]) -> None:
        """Print a line: words to the left, numbers to the right; the last cell is as wide as it is."""
        aligned = [
            cell.ljust(width) if column < self._words else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(cells, self._widths))
        ]
        print(" | ".join([*aligned, cells[-1]]).rstrip(), flush=True)

    def remark(self, words: Sequence[str], remark: str) -> None:
        """Print a line that has no numbers."""
        self.line([*words, *[""] * (len(self._widths) - len(words)), remark])


def label(goal: Goal) -> str:
    """Give what stands in the first column."""
    return f"{goal.id:<3} {goal.text}"


def goal_table(goals: Iterable[Goal]) -> Table:
    """Begin the table of what is promised."""
    return Table(["goal", "ours", "peer", "ratio", "limit", "met/MISSED"], [map(label, goals)])


def aside_table(goals: Iterable[Goal]) -> Table:
    """Begin the table of what is only told."""
    return Table(["beside", "cost", "peer", "ratio", "noise"], [map(label, goals)], _WIDTHS[:3])


def goal_line(table: Table, outcome: Outcome) -> None:
    """Print what was found."""
    goal, pair = outcome.goal, outcome.pair
    if pair is None:
        table.remark([label(goal)], remark(outcome))
        return
    limit = goal.limit or 0
    verdict = "met" if outcome.verdict == MET else "MISSED"
    if pair.peer is None:
        value, bound = shown([pair.ours.median, limit], goal.unit)
        cells = [value, "", "", bound]
    else:
        cells = [*shown([pair.ours.median, pair.peer.median], goal.unit), ratio(pair.ratio), f"{limit:g}"]
    table.line([label(goal), *cells, f"{verdict} NOISY" if pair.is_noisy else verdict])


def aside_line(table: Table, outcome: Outcome) -> None:
    """Print what was found."""
    goal, pair = outcome.goal, outcome.pair
    if pair is None:
        table.remark([label(goal)], remark(outcome))
        return
    if pair.peer is None:
        cells = [*shown([pair.ours.median], goal.unit), "", ""]
    else:
        cells = [*shown([pair.ours.median, pair.peer.median], goal.unit), ratio(pair.ratio)]
    table.line([label(goal), *cells, "NOISY" if pair.is_noisy else ""])


def remark(outcome: Outcome) -> str:
    """Say why there are no numbers."""
    if outcome.verdict == SKIPPED:
        return f"skipped: {outcome.reason}"
    return f"FAILED: {outcome.reason.partition(chr(10))[0]}"


def closing(outcomes: Sequence[Outcome]) -> str:
    """Give the last line."""
    counts = {verdict: sum(outcome.verdict == verdict for outcome in outcomes) for verdict in (MET, MISSED)}
    parts = [f"{counts[MET]} goals met", f"{counts[MISSED]} missed"]
    for verdict in (SKIPPED, FAILED):
        count = sum(outcome.verdict == verdict for outcome in outcomes)
        if count:
            parts.append(f"{count} {verdict}")
    return ", ".join(parts)


def ratio(value: float | None) -> str:
    """Give a ratio with as many places as tell something."""
    if value is None:
        return "-"
    return f"{value:.3f}" if value < 0.1 else f"{value:.2f}" if value < 100 else f"{value:,.0f}"


def shown(values: Sequence[float], unit: str) -> list[str]:
    """Give the values of a line, all in the unit in which a person can read the smallest of them."""
    if unit not in _LARGER:
        return [f"{value:.3g} {unit}".rstrip() for value in values]
    smallest = min((abs(value) for value in values if value), default=0.0)
    scale, name = 1.0, unit
    for larger in _LARGER[unit]:
        # Four digits are read as well as one.
        if smallest / scale >= 9_999.5:
            scale, name = scale * 1_000, larger
    return [f"{_digits(value / scale)} {name}" for value in values]


def _digits(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 100 or value == int(value) else f"{value:.1f}"
