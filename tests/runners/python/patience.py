"""How the runner waits for what other threads make true."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

#: How long an expectation waits, in seconds by the machine's clock.
PATIENCE = 5.0

#: How soon somebody who waits looks again when nothing is told: not everything that is looked at is an event.
GLANCE = 0.002


class Changes:
    """Wakes who waits when something has changed."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def tell(self) -> None:
        with self._changed:
            self._count += 1
            self._changed.notify_all()

    def wait_for(self, look: Callable[[], Seen]) -> Seen:
        """Look until there is something to see, at every change and every few milliseconds.

        Gives what ``look`` saw last; that is nothing when PATIENCE is over.
        """
        until = time.monotonic() + PATIENCE
        while True:
            before = self._count
            is_last = time.monotonic() >= until
            found = look()
            if found or is_last:
                return found
            with self._changed:
                if self._count == before:
                    self._changed.wait(GLANCE)
