"""What the system is to the sample: a host on a manual clock, and one thread on which everything happens in order."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import backstay

if TYPE_CHECKING:
    from collections.abc import Callable

#: The group of the tasks that are timers of others, which no trace shows.
TIMERS = "ThreadPoolTimer"
#: Real seconds, against a hang only: nothing in a trace depends on how long something takes.
BOUND = 60


class System:
    """Plays the part of Windows, and outlives the application.

    Entry points are the host's jobs and what handlers have to show is posted, as an application posts to the thread of
    its window. Both wait in one queue for :meth:`settle`, so a case takes the same way every time.
    """

    def __init__(self) -> None:
        self._queue: deque[Callable[[], object]] = deque()
        self._seconds = 0
        self._completed = 0
        #: The store that outlives the application: what LocalSettings is.
        self.local_settings: dict[str, str] = {}
        #: What a task enters that names no entry point: the handlers of the application that is there now.
        self.activated: Callable[[backstay.Instance], None] | None = None
        self.host = backstay.Host(manual_clock=True, executor=self._queue.append)
        self.host.on_event(self._on_event)

    def say(self, line: str) -> None:
        """Print one line of the trace."""
        print(f"{self._seconds // 60:02}:{self._seconds % 60:02}  {line}")

    def post(self, work: Callable[[], object]) -> None:
        """Have work done on the thread of the case, from any thread."""
        self._queue.append(work)

    def settle(self) -> None:
        """Do all there is to do at this moment: entry points that wait to run, and what handlers have posted."""
        self.host.flush(BOUND)
        while self._queue:
            self._queue.popleft()()
            self.host.flush(BOUND)

    def advance(self, seconds: int) -> None:
        """Let time pass, second by second, each with everything that comes of it."""
        for _ in range(seconds):
            self._seconds += 1
            self.host.advance(1)
            self.settle()

    def raise_event(self, name: str) -> None:
        """Tell the tasks that something has happened."""
        fired = self.host.raise_event(name)
        self.say(f"{name}: fires {fired}")
        self.settle()

    def set_condition(self, name: str, on: bool) -> None:
        """Say whether a condition holds."""
        self.say(f"{name}: {'on' if on else 'off'}")
        self.host.set_condition(name, on)
        self.settle()

    def close(self) -> None:
        """End the case: every instance has had one Completed event, and nothing is left."""
        self.say(f"Completed events: {self._completed}")
        report = self.host.drain(0)
        if report.remaining:
            self.say(str(report))

    def _on_event(self, event: backstay.InstanceEvent) -> None:
        if event.group == TIMERS:
            return
        if event.kind is backstay.EventKind.WAITS:
            conditions = " ".join(event.conditions)
            self.post(lambda: self.say(f"Waits for {conditions}"))
        elif event.kind is backstay.EventKind.CANCELED and event.reason is not None:
            reason = spelled(backstay.CancelReason(event.reason))
            self.post(lambda: self.say(f"Canceled: {reason}"))
        elif event.kind is backstay.EventKind.COMPLETED:
            self._completed += 1


def spelled(word: backstay.CancelReason | backstay.Outcome) -> str:
    """The word as the other languages spell it: ConditionLoss."""
    return word.name.title().replace("_", "")


def told(done: backstay.Completion) -> str:
    """How a Completed event reads, with what CheckResult says of it."""
    try:
        done.check()
    except (backstay.TaskFailed, backstay.TaskAbandoned):
        return f"Completed: {spelled(done.outcome)}, CheckResult throws: {done.error}"
    return f"Completed: {spelled(done.outcome)}, CheckResult passes"
