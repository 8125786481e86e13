"""The way out: the first signal asks for an orderly end, the second one leaves at once."""

from __future__ import annotations

import contextlib
import os
import signal
from types import FrameType

import backstay

#: How many seconds after the grace is over nobody waits for the last words any more.
_PATIENCE = 3.0


class Interrupt:
    """Notes the first SIGINT or SIGTERM and begins the shutdown of the host; raises nothing anywhere.

    An exception out of a signal handler could surface between any two lines, with half of something done. So the handler
    only notes the signal, and the main loop looks at `number` between any two steps.
    """

    def __init__(self, grace: float) -> None:
        self.number: int | None = None
        self.host: backstay.Host | None = None
        # A file that must not stay behind half written.
        self.temporary: str | None = None
        self._grace = grace
        signal.signal(signal.SIGALRM, self._leave)
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, self._handle)

    @property
    def name(self) -> str:
        return signal.Signals(self.number).name if self.number is not None else ""

    def status(self, otherwise: int) -> int:
        """The exit status. Later signals are ignored: nothing is left that they could end."""
        for number in (signal.SIGALRM, signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_IGN)
        return otherwise if self.number is None else 128 + self.number

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self.number is not None:
            self._leave(number, frame)
        self.number = number
        # Not even a pipe that nobody reads keeps us from leaving.
        signal.setitimer(signal.ITIMER_REAL, self._grace + _PATIENCE)
        if self.host is not None:
            with contextlib.suppress(backstay.BackstayError):
                self.host.begin_shutdown(self._grace)

    def _leave(self, number: int, frame: FrameType | None) -> None:
        if self.temporary is not None:
            with contextlib.suppress(OSError):
                os.unlink(self.temporary)
        first = self.number if number == signal.SIGALRM else number
        os._exit(128 + (first or number))
