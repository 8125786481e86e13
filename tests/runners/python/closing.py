"""A drain or shutdown that somebody waits for on a thread of its own."""

from __future__ import annotations

import threading

from backstay import BackstayError, DrainReport, Host
from patience import PATIENCE
from trouble import Wrong


class Closing:
    """The report of a drain or shutdown that has begun, now or later.

    Waits on a thread of its own, as in an application whose own thread has other things to do.
    """

    def __init__(self, host: Host) -> None:
        self._answer: DrainReport | BackstayError | None = None
        # A wait that never comes back keeps nobody from leaving.
        self._thread = threading.Thread(target=self._wait, args=(host,), name="scenario-closing", daemon=True)
        self._thread.start()

    def report(self) -> DrainReport:
        """Wait for the report; it does not come: Wrong."""
        self._thread.join(PATIENCE)
        if self._answer is None:
            raise Wrong("expected the report, saw none within 5s")
        if isinstance(self._answer, BackstayError):
            raise self._answer
        return self._answer

    def join(self) -> None:
        """Wait for the thread."""
        self._thread.join()

    def _wait(self, host: Host) -> None:
        try:
            self._answer = host.wait()
        except BackstayError as error:
            self._answer = error
