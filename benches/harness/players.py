"""The players as processes: one line asks, one line answers (benches/README.md)."""

from __future__ import annotations

import math
import os
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Protocol

from .checkout import Broken, Checkout
from .goals import Work
from .sizes import FilePlayer

#: Seconds for one answer. A work takes a few; one that hangs must not take the whole run along.
PATIENCE = 300.0
#: Seconds for the end of a player whose input has ended.
FAREWELL = 30.0
_TAIL = 12
#: How a player says that a work should have been playable and was not.
_FAILED = "it failed"


class Refused(Exception):
    """A work cannot be played here, as the player says: what it needs is not installed, or is not there yet."""


class Playing(Protocol):
    """Whatever plays works."""

    def play(self, name: str, size: int) -> float:
        """Play a work once and give what one piece cost."""

    def close(self) -> Broken | None:
        """Let it end, and give what went wrong in that. A second time does nothing."""


class Player:
    """A process that plays works."""

    def __init__(self, command: Sequence[str], folder: Path, patience: float = PATIENCE) -> None:
        self._name = Path(command[-1] if len(command) > 1 else command[0]).name
        self._patience = patience
        self._unread = b""
        self._works: set[str] = set()
        # A file and not a pipe: nobody reads it while the player plays, and a full pipe would stop it.
        self._said = tempfile.TemporaryFile()  # noqa: SIM115
        try:
            self._process = subprocess.Popen(
                command,
                cwd=folder,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._said,
                bufsize=0,
            )
        except OSError as error:
            self._said.close()
            raise Broken(f"{self._name} cannot be started: {error.strerror}") from error

    def play(self, name: str, size: int) -> float:
        """Play a work once and give what one piece cost."""
        # Asked first: a work that was renamed is a mistake of ours, and not to be skipped like a peer that is missing.
        self._works = self._works or set(self._ask("works").split())
        if name not in self._works:
            raise Broken(f"{self._name} knows no work {name!r}")
        asked = f"{name} {size}"
        answer = self._ask(asked)
        # With the blank: what one piece cost in memory can be less than nothing.
        if answer.startswith("- "):
            reason = answer[2:].strip()
            if reason.startswith(_FAILED):
                raise Broken(f"{self._name} was asked for {asked!r}: {reason}{self._tail()}")
            raise Refused(reason)
        cost = _number(answer)
        if cost is None:
            raise Broken(f"{self._name} was asked for {asked!r} and gave {answer!r}, which is no number")
        return cost

    def close(self) -> Broken | None:
        """End its input, wait until it has ended, and give what went wrong in that: some check at the end."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None and stdout is not None
        if self._said.closed:
            return None
        was_running = self._process.poll() is None
        stdin.close()
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._kill()
        failure = None
        if was_running and self._process.returncode != 0:
            failure = Broken(f"{self._name} ended {self._how()} after its last work{self._tail()}")
        # Not before it has ended: one that still answers, being interrupted, would fail over that.
        stdout.close()
        self._said.close()
        return failure

    def _ask(self, line: str) -> str:
        stdin = self._process.stdin
        assert stdin is not None
        try:
            stdin.write(line.encode() + b"\n")
        except OSError:
            raise self._died(line) from None
        until = time.monotonic() + self._patience
        while b"\n" not in self._unread:
            self._unread += self._read(line, until)
        answer, _, self._unread = self._unread.partition(b"\n")
        return answer.decode(errors="replace").strip()

    def _read(self, asked: str, until: float) -> bytes:
        stdout = self._process.stdout
        assert stdout is not None
        ready, _, _ = select.select([stdout], [], [], max(0.0, until - time.monotonic()))
        if not ready:
            self._kill()
            raise Broken(f"{self._name} has not answered {asked!r} for {self._patience:g} s{self._tail()}")
        more = os.read(stdout.fileno(), 65536)
        if not more:
            raise self._died(asked)
        return more

    def _died(self, asked: str) -> Broken:
        try:
            self._process.wait(FAREWELL)
        except subprocess.TimeoutExpired:
            self._kill()
            return Broken(f"{self._name} closed its output over {asked!r}{self._tail()}")
        return Broken(f"{self._name} ended {self._how()} over {asked!r}{self._tail()}")

    def _how(self) -> str:
        status = self._process.returncode
        return f"by {signal.Signals(-status).name}" if status < 0 else f"with status {status}"

    def _kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def _tail(self) -> str:
        self._said.seek(0)
        lines = self._said.read().decode(errors="replace").splitlines()[-_TAIL:]
        return "".join(f"\n    {line}" for line in lines)


def _number(answer: str) -> float | None:
    try:
        number = float(answer)
    except ValueError:
        return None
    # What was divided by nothing is no measurement.
    return number if math.isfinite(number) else None


class Company:
    """The players of one checkout that one line needs. Each is started when it is first needed, and is kept."""

    def __init__(self, checkout: Checkout, quick: bool) -> None:
        self._checkout = checkout
        self._quick = quick
        self._players: dict[str, Playing] = {}

    def play(self, work: Work) -> float:
        """Play a work once."""
        size = work.pieces(self._quick)
        if work.fresh:
            with closing(self._start(work.player)) as player:
                value = player.play(work.name, size)
                failure = player.close()
            if failure is not None:
                raise failure
            return value
        if work.player not in self._players:
            self._players[work.player] = self._start(work.player)
        return self._players[work.player].play(work.name, size)

    def close(self) -> Broken | None:
        """Let all players end, and give what went wrong in that."""
        failures = [player.close() for player in self._players.values()]
        self._players.clear()
        return next((failure for failure in failures if failure is not None), None)

    def finish(self) -> None:
        """Let all players end, and complain when one of them does not end well."""
        failure = self.close()
        if failure is not None:
            raise failure

    def _start(self, player: str) -> Playing:
        self._checkout.check_built(player)
        if player == "files":
            return FilePlayer(self._checkout)
        return Player(self._checkout.command(player), self._checkout.root)
