"""Where runs stand at a ``hold`` until a ``go`` lets them pass."""

from __future__ import annotations

import threading
from uuid import UUID

from patience import PATIENCE


class Gates:
    """The holds of all runs."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        #: The runs that stand, each with whether it may pass.
        self._standing: dict[UUID, bool] = {}
        self._is_released = False

    def stand(self, run: UUID) -> None:
        """Stand until the run may pass.

        This is code that looks at no cancellation, so nothing but ``go`` and the end of the file ends it.
        """
        with self._changed:
            self._standing[run] = False
            self._changed.notify_all()
            self._changed.wait_for(lambda: self._is_released or self._standing[run])
            del self._standing[run]

    def wait_for(self, run: UUID) -> bool:
        """Wait until the run stands; False when it does not come."""
        with self._changed:
            return self._changed.wait_for(lambda: self._standing.get(run) is False, PATIENCE)

    def let_pass(self, run: UUID) -> None:
        """Let the run pass the hold at which it stands."""
        with self._changed:
            self._standing[run] = True
            self._changed.notify_all()

    def release(self) -> None:
        """Let everybody pass, now and later."""
        with self._changed:
            self._is_released = True
            self._changed.notify_all()
