"""One tree of sources, and the players that are built from it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_TAIL = 25


class Broken(Exception):
    """Something could not be built or did not play to its end. The first line tells what, the others show it."""

    @property
    def headline(self) -> str:
        """What fits into a table."""
        return str(self).partition("\n")[0]


@dataclass(frozen=True)
class Step:
    """One command of a build, with the name of its log and what it builds."""

    name: str
    what: str
    command: tuple[str, ...]


@dataclass
class Checkout:
    """A tree, and the folder that everything is built into: the same places below it, whichever tree it is."""

    root: Path
    target: Path
    #: How the tree is called in what is told.
    name: str = ""
    #: Whether the committed lock files have to fit. Those of another revision's tree are of other sources.
    is_locked: bool = True
    _broken: dict[str, Broken] = field(default_factory=dict)
    # What several players need is built once, or fails once.
    _done: dict[Step, Broken | None] = field(default_factory=dict)

    @property
    def bench(self) -> Path:
        """What belongs to the benches."""
        return self.target / "bench"

    @property
    def venv_python(self) -> str:
        """The interpreter that has the package and its peers."""
        return str(self.bench / "venv" / "bin" / "python")

    def command(self, player: str) -> list[str]:
        """How a player is started."""
        return {
            "rust": [str(self.bench / "rust" / "release" / "player-rust")],
            "c": [str(self.bench / "player-c")],
            "cpp": [str(self.bench / "player-cpp")],
            "python": [self.venv_python, str(self.root / "benches" / "python" / "player.py")],
        }[player]

    def build(self, players: Iterable[str]) -> list[Broken]:
        """Build players, and give what went wrong; the lines that need one of those will tell, too."""
        failures: list[Broken] = []
        for player in sorted(set(players)):
            for step in self._steps(player):
                if step not in self._done:
                    self._done[step] = self._run(step)
                failure = self._done[step]
                if failure is not None:
                    self._broken[player] = failure
                    failures += [] if failure in failures else [failure]
                    break
        return failures

    def check_built(self, player: str) -> None:
        """Complain when the player could not be built."""
        if player in self._broken:
            raise Broken(self._broken[player].headline)

    def _steps(self, player: str) -> list[Step]:
        manifest = ("--manifest-path", "benches/rust/Cargo.toml", "--target-dir", str(self.bench / "rust"))
        locked = ("--locked",) if self.is_locked else ()
        native = Step("players-c", "the players of C and C++", ("benches/c/build-players", str(self.root)))
        venv = ("benches/python/build", str(self.root), str(self.bench / "venv"))
        package = Step("player-python", "the package and its peers", venv)
        pip = (self.venv_python, "-m", "pip", "--disable-pip-version-check", "wheel", "--no-deps")
        return {
            "rust": [
                Step("player-rust", "the Rust player", ("cargo", "build", "--release", *locked, *manifest))
            ],
            "c": [native],
            "cpp": [native],
            "python": [package],
            "files": [
                Step("library", "the C library", ("ffi-c/build-lib",)),
                package,
                Step("wheel", "the wheel", (*pip, "--wheel-dir", str(self.bench / "wheel"), "./py")),
            ],
        }[player]

    def _run(self, step: Step) -> Broken | None:
        what = f"building {step.what}{self.name and f' of {self.name}'}"
        print(f"backstay: {what} ...", file=sys.stderr, flush=True)
        self.bench.mkdir(parents=True, exist_ok=True)
        log = self.bench / f"{step.name}.log"
        environment = {**os.environ, "CARGO_TARGET_DIR": str(self.target)}
        with log.open("wb") as output:
            try:
                status = subprocess.call(
                    step.command,
                    cwd=self.root,
                    env=environment,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                )
            except OSError as error:
                return Broken(f"{what}: {step.command[0]} cannot be started: {error.strerror}")
        if status == 0:
            return None
        lines = log.read_text(errors="replace").splitlines()[-_TAIL:]
        return Broken("\n    ".join([f"{what} failed", *lines]))
