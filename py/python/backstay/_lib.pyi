"""The compiled half of the package. Users import everything from ``backstay``."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import Any, final

from typing_extensions import CapsuleType, Self, disjoint_base

from ._results import Completion, DrainReport, Holder, Progress
from ._words import HostState, State, Status, Trigger

__all__ = [
    "_C_API",
    "Deferral",
    "Host",
    "Instance",
    "Subscription",
    "Task",
    "__version__",
    "_live_handles",
]

__version__: str
_C_API: CapsuleType

def _live_handles() -> int: ...

@disjoint_base
class Host:
    def __new__(
        cls,
        *,
        workers: int | None = None,
        grace: float | timedelta = 5.0,
        manual_clock: bool = False,
    ) -> Self: ...
    @property
    def state(self) -> HostState:
        """Where the host is in its life."""

    @property
    def grace(self) -> float:
        """How long, in seconds, a cancelled instance may take unless its task says otherwise."""

    @property
    def stragglers(self) -> int:
        """How many threads user code still occupies although their instances were abandoned (C6)."""

    def register(
        self,
        name: str,
        run: Callable[[Instance], object],
        *,
        trigger: Trigger | None = None,
        grace: float | timedelta | None = None,
        max_pending: int | None = None,
    ) -> Task:
        """Register a task: from now on it can be fired.

        ``run(instance)`` runs on one of the host's threads, once for every instance, several at once. What it raises
        makes the instance Failed (L7); what it returns is ignored. ``grace``: how long a cancelled instance may take;
        the host's by default. ``max_pending``: how many instances may wait; 1,048,576 by default.

        Raises InvalidTask with all faults, NameTaken, Closed.
        """

    def get_task(self, name: str) -> Task | None:
        """The task that is registered under this name."""

    def flush(self, timeout: float | timedelta | None = None) -> None:
        """Wait until every event that was caused before this call has been delivered (E7).

        Raises TimedOut; WouldDeadlock from an entry point or callback of this host.
        """

    def advance(self, seconds: float | timedelta) -> None:
        """Move a manual clock; everything due on the way happens in order (H5).

        Raises NotManualClock; WouldDeadlock from an entry point or callback of this host.
        """

    def drain(self, timeout: float | timedelta) -> DrainReport:
        """Refuse new firings, cancel nothing, and wait until everything alive has finished (H2).

        Raises WouldDeadlock from an entry point or callback of this host.
        """

    def shutdown(self, grace: float | timedelta | None = None) -> DrainReport:
        """Refuse new firings, cancel everything with TERMINATING, wait at most the grace, abandon the rest (H2).

        Ctrl-C ends the wait with KeyboardInterrupt; the shutdown goes on, and can be waited for again.
        Raises WouldDeadlock from an entry point or callback of this host: use begin_shutdown there.
        """

    def begin_shutdown(self, grace: float | timedelta | None = None) -> None:
        """Begin what shutdown() does and return at once; works from anywhere (E8)."""

@final
class Task:
    """A registered task: fire it to make an instance. Usable from any thread."""

    @property
    def name(self) -> str:
        """The name that it was registered under."""

    @property
    def running(self) -> int:
        """How many of its instances are Running."""

    @property
    def pending(self) -> int:
        """How many of its instances are Pending."""

    @property
    def registered(self) -> bool:
        """Whether it can be fired, as far as its registration goes."""

    def fire(self, details: Any = None) -> Instance:
        """Make an instance, Pending or already Running, which carries the details (F7).

        ``str`` and ``bytes`` are read as such by every language; bool, numbers, lists and dicts travel as JSON and
        read back as a new equal value; everything else, or ``Opaque(x)``, is the very object, for Python only.

        Raises Closed, Unregistered, CurrentlyRunning, OutOfMemory.
        """

    def unregister(self, cancel: bool = False) -> None:
        """Take the task off the host; its name is free when this returns (G3).

        What is Pending is cancelled; what is Running is cancelled too if ``cancel``, else it finishes.
        Raises Unregistered when that was done before.
        """

    def on_completed(self, handler: Callable[[Completion], object]) -> Subscription:
        """Call ``handler(completion)`` once for every instance that ends, on the host's events thread (L2).

        What it raises goes to ``sys.unraisablehook``.
        """

    def on_progress(self, handler: Callable[[Progress], object]) -> Subscription:
        """Call ``handler(progress)`` for the progress of every instance, on the host's events thread.

        Values that come faster than they are delivered are left out, the latest one never (E3).
        """

    def __hash__(self) -> int: ...

@final
class Instance:
    """One execution of a task. Usable from any thread; dropping it ends nothing."""

    @property
    def id(self) -> uuid.UUID:
        """The id, random and unique."""

    @property
    def task(self) -> Task:
        """The task that this is an execution of."""

    @property
    def details(self) -> Any:
        """What the firing carried (F7)."""

    @property
    def state(self) -> State:
        """Where it is in its life."""

    @property
    def progress(self) -> int:
        """Any number from 0 to 2**32 - 1. Setting it never blocks; ignored after the finish (E6)."""

    @progress.setter
    def progress(self, progress: int) -> None: ...
    @property
    def canceled(self) -> int | None:
        """Why the instance was asked to stop: a CancelReason, or a number of your own; None when it was not."""

    def raise_if_canceled(self) -> None:
        """Raise TaskCanceled if the instance was asked to stop: the way to leave an entry point (C8)."""

    def get_deferral(self, label: str | None = None) -> Deferral:
        """Take a deferral: until it is completed, failed or dropped, the instance is not finished.

        Works from any thread while the instance is Running, also after the entry point returned (L3). The label and
        the calling line stand in every report. Raises NotRunning.
        """

    def holders(self) -> tuple[Holder, ...]:
        """The pending deferrals, in the order of taking (H4)."""

    def cancel(self, reason: int = 0) -> None:
        """Ask the instance to stop. The first reason stays; a later request changes nothing (C2).

        Raises ValueError for a number that is no reason.
        """

    def on_canceled(self, handler: Callable[[int], object]) -> Subscription:
        """Call ``handler(reason)`` once when the instance is asked to stop; soon if it was asked before (C4).

        On a finished instance the handler is dropped and never called.
        """

    def wait(self, timeout: float | timedelta | None = None) -> Completion:
        """Wait until the instance is finished, by the machine's clock, and tell how it ended (E9).

        Raises TimedOut; WouldDeadlock from the instance's own entry point.
        """

    def handle(self) -> int:
        """A handle for C code, borrowed: the same value each time, good while this object lives.

        The receiver never releases it; backstay_instance_dup makes one to keep.
        """

    def __hash__(self) -> int: ...

@final
class Deferral:
    """A hold on an instance: while it is pending the instance is not finished.

    Usable from any thread. As a context manager it completes at the end of the block, or fails with the exception that
    left it. Dropped without a word it counts as completed, with a ResourceWarning (L5).
    """

    @property
    def instance(self) -> Instance:
        """The instance that is held."""

    def holder(self) -> Holder | None:
        """How this deferral stands in reports; None once it was completed."""

    def complete(self) -> Status:
        """Let the instance go (L4).

        OK; ALREADY_COMPLETED for every later one; NOT_RUNNING once when the instance was abandoned meanwhile.
        """

    def fail(self, error: str | BaseException) -> Status:
        """Let the instance go and say that the work failed; the first error makes the outcome Failed (L6)."""

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...

@final
class Subscription:
    """One attached handler. Dropping this leaves the handler attached; only cancel() detaches it (E4)."""

    def cancel(self) -> None:
        """Detach the handler: afterwards it is not called any more.

        Waits for a call in flight; inside any backstay callback it never waits.
        """
