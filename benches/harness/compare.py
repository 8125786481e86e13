"""Two revisions in one run: `make bench BASE=REVISION`. Tells what has moved, whatever the machine of the day."""

from __future__ import annotations

import contextlib
import shutil
import subprocess
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .checkout import Broken, Checkout
from .goals import Goal, Work
from .judging import play_line
from .players import Company, Refused
from .sampling import Pair
from .table import Table, ratio, shown

#: What differs by less may be the layout of a binary, and is not told.
MOVED = 1.15
SAME, FASTER, SLOWER, SKIPPED, FAILED = "the same", "faster", "slower", "skipped", "failed"


@dataclass(frozen=True)
class Move:
    """A work, and how its cost has moved."""

    goal: Goal
    verdict: str
    pair: Pair | None = None
    reason: str = ""

    def as_json(self, quick: bool) -> dict[str, object]:
        """Give all that a reader of the results may ask for."""
        work = self.goal.ours
        found: dict[str, object] = {
            "goal": self.goal.id,
            "player": work.player,
            "work": work.name,
            "size": work.pieces(quick),
            "unit": self.goal.unit,
            "verdict": self.verdict,
            "reason": self.reason or None,
        }
        if self.pair is not None and self.pair.peer is not None:
            found.update(base=self.pair.peer.as_json(), now=self.pair.ours.as_json())
            found.update(ratio=self.pair.ratio, noisy=self.pair.is_noisy, attempts=self.pair.attempts)
        return found


def base_of(now: Checkout, revision: str) -> Checkout:
    """Lay another revision out below the target folder, with the benches of today over it."""
    try:
        commit = _git(now.root, "rev-parse", "--verify", "--end-of-options", f"{revision}^{{commit}}")
    except Broken as error:
        raise Broken(f"git knows no revision {revision!r} to compare with") from error
    base = now.bench / "base"
    tree = base / "tree"
    # A worktree whose folder was deleted is still known to git.
    _git(now.root, "worktree", "prune")
    if tree.exists() and _head(tree) != commit:
        shutil.rmtree(tree)
        _git(now.root, "worktree", "prune")
    if not tree.exists():
        base.mkdir(parents=True, exist_ok=True)
        _git(now.root, "worktree", "add", "--detach", str(tree), commit)
    # Anew, since files of today may be gone tomorrow; with their times, so that nothing is built for nothing.
    shutil.rmtree(tree / "benches", ignore_errors=True)
    shutil.copytree(
        now.root / "benches", tree / "benches", symlinks=True, ignore=shutil.ignore_patterns("__pycache__")
    )
    return Checkout(tree, base / "target", name=revision, is_locked=False)


def _head(tree: Path) -> str | None:
    try:
        # In a folder that is no worktree any more, git would look for one further up and find the wrong one.
        return _git(tree, "rev-parse", "HEAD") if (tree / ".git").is_file() else None
    except Broken:
        return None


def _git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=folder, check=False, capture_output=True, text=True)
    if done.returncode != 0:
        raise Broken(f"git {arguments[0]}: {done.stderr.strip()}")
    return done.stdout.strip()


def distinct(goals: Iterable[Goal]) -> list[Goal]:
    """Give one goal for each work of ours; several compare one work with several peers."""
    found: dict[Work, Goal] = {}
    for goal in goals:
        found.setdefault(goal.ours, goal)
    return list(found.values())


def compare(goals: Sequence[Goal], now: Checkout, base: Checkout, quick: bool) -> list[Move]:
    """Play all works of ours at both revisions, and print what has moved."""
    table = Table(
        ["goal", "work", "base", "now", "ratio", "moved"],
        [[goal.id for goal in goals], map(_name, goals)],
        [10, 10, 6],
    )
    moves = []
    for goal in goals:
        move = _move(goal, now, base, quick)
        _print(table, move)
        moves.append(move)
    return moves


def _name(goal: Goal) -> str:
    return f"{goal.ours.player} {goal.ours.name}"


def _move(goal: Goal, now: Checkout, base: Checkout, quick: bool) -> Move:
    try:
        with (
            contextlib.closing(Company(now, quick)) as today,
            contextlib.closing(Company(base, quick)) as before,
        ):

            def play_before() -> float:
                # What an older revision lacks is nobody's fault.
                try:
                    return before.play(goal.ours)
                except Broken as error:
                    raise Refused(f"{base.name}: {error.headline}") from error

            pair = play_line(goal, lambda: today.play(goal.ours), play_before, quick)
            today.finish()
    except Refused as reason:
        return Move(goal, SKIPPED, reason=str(reason))
    except Broken as error:
        return Move(goal, FAILED, reason=str(error))
    return Move(goal, _verdict(pair.ratio), pair)


def _verdict(moved: float | None) -> str:
    if moved is None or moved > MOVED:
        return SLOWER
    return FASTER if moved < 1 / MOVED else SAME


def _print(table: Table, move: Move) -> None:
    goal, pair = move.goal, move.pair
    if pair is None or pair.peer is None:
        reason = move.reason.partition("\n")[0]
        told = f"skipped: {reason}" if move.verdict == SKIPPED else f"FAILED: {reason}"
        table.remark([goal.id, _name(goal)], told)
        return
    told = {SLOWER: "SLOWER", FASTER: "faster", SAME: ""}[move.verdict]
    if pair.is_noisy:
        told = f"{told} NOISY".lstrip()
    values = shown([pair.peer.median, pair.ours.median], goal.unit)
    table.line([goal.id, _name(goal), *values, ratio(pair.ratio), told])


def closing(moves: Sequence[Move]) -> str:
    """Give the last line."""
    counts = {verdict: sum(move.verdict == verdict for move in moves) for verdict in (SLOWER, FASTER, SAME)}
    parts = [f"{count} {verdict}" for verdict, count in counts.items()]
    for verdict in (SKIPPED, FAILED):
        count = sum(move.verdict == verdict for move in moves)
        if count:
            parts.append(f"{count} {verdict}")
    return ", ".join(parts)
