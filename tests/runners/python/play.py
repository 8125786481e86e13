"""Plays a whole scenario, and comes back whatever it does."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable, Sequence
from functools import partial

from complaints import Complaints
from parse import parse
from patience import Changes
from perform import perform
from player import Player
from stage import Stage
from step import Line
from trouble import REFUSALS, Failure, Wrong, message

#: How long a whole file may take, in seconds. Each wait of the runner ends after five; this is for a call that never
#: comes back.
WATCHDOG = 60.0


def play(text: str) -> None:
    """Play the scenario ``text``; raises Failure.

    A file that fails leaves nothing behind: holds are released and the host is shut down without a grace. Only a call
    of the library that never returns keeps its thread; then this comes back after a minute without it.
    """
    lines = parse(text)
    with Complaints() as complaints:
        stage = Stage(complaints)
        left = weakref.ref(stage)
        playing = _Playing()
        # A call that never comes back keeps nobody from leaving.
        thread = threading.Thread(target=playing.play, args=(lines, stage), name="scenario", daemon=True)
        thread.start()
        thread.join(WATCHDOG)
        if thread.is_alive():
            stage.gates.release()
            raise Failure(playing.line, "expected the step to end, saw it still busy after 60s")
        del stage
        playing.attempt(partial(_check_left, left))
        playing.attempt(complaints.check)
    if playing.trouble is not None:
        raise Failure(playing.line, playing.trouble)


class _Playing:
    """Where the play is, and what went wrong in it first."""

    def __init__(self) -> None:
        self.line = 0
        self.trouble: str | None = None

    def play(self, lines: Sequence[Line], stage: Stage) -> None:
        player = Player(stage)
        is_over = False
        try:
            for line in lines:
                self.line = line.number
                self.attempt(partial(perform, player, line))
                if self.trouble is not None:
                    break
            is_over = True
        finally:
            # What is neither a refusal nor Wrong is a fault of the runner or of the package; the thread tells of it.
            if not is_over:
                self.trouble = "the runner broke down"
            self.attempt(player.close)

    def attempt(self, code: Callable[[], None]) -> None:
        try:
            code()
        except (Wrong, *REFUSALS) as error:
            if self.trouble is None:
                self.trouble = message(error)


def _check_left(stage: weakref.ref[Stage]) -> None:
    """What the file has shared with the library ends with it; what was lent to a call when that returns."""

    def is_gone() -> bool:
        # Exceptions and the frames in which they were raised refer to each other.
        gc.collect()
        return stage() is None

    if not Changes().wait_for(is_gone):
        raise Wrong("expected nothing left of the file, saw its stage within 5s")
