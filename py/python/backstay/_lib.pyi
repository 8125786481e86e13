"""The compiled half of the package. Users import everything from ``backstay``."""

import asyncio
import uuid
import weakref
from collections.abc import Awaitable, Callable, Generator, Iterable
from concurrent.futures import Executor
from types import TracebackType
from typing import Any, Protocol, TypeVar, final, type_check_only

from typing_extensions import CapsuleType, Self, disjoint_base

from ._host import Host as _Host
from ._loops import Loops
from ._options import Seconds
from ._results import Completion, DrainReport, FireAnswer, HeldInstance, Holder, InstanceEvent, Progress
from ._snapshot import Snapshot
from ._values import Fault, Trigger
from ._words import (
    Cause,
    Counter,
    HostState,
    IfExists,
    OnShutdown,
    State,
    Status,
    WhenBusy,
)

__all__ = [
    "_C_API",
    "Cancellation",
    "Deferral",
    "Group",
    "Host",
    "Instance",
    "Job",
    "Subscription",
    "Task",
    "_Bell",
    "_Farewell",
    "_Reply",
    "_Told",
    "_Wait",
    "__version__",
    "_live_handles",
    "_made_later",
    "validate",
]

__version__: str
_C_API: CapsuleType

def _live_handles() -> int: ...
def validate(
    name: str,
    run: Callable[[Instance], object] | None = None,
    *,
    trigger: Trigger | None = None,
    group: str | None = None,
    conditions: Iterable[str] = (),
    cancel_on_condition_loss: bool = False,
    deadline: Seconds | None = None,
    grace: Seconds | None = None,
    when_busy: WhenBusy | None = None,
    max_running: int | None = None,
    max_pending: int | None = None,
    max_failures: int | None = None,
    if_exists: IfExists | None = None,
    on_shutdown: OnShutdown | None = None,
) -> tuple[Fault, ...]:
    """Everything that ``Host.register`` would find wrong with these options; nothing when all is well (G2)."""

@type_check_only
class Checkpoint(Awaitable[bool], Protocol):
    """What ``Instance.checkpoint`` gives: in plain code a bool, in a coroutine something to await for one."""

    def __bool__(self) -> bool: ...

@disjoint_base
class Host:
    """The compiled half of ``backstay.Host``, where the settings and the context managers are described."""

    def __new__(cls, *_arguments: Any, **_settings: Any) -> Self: ...
    def _open(
        self,
        reference: weakref.ref[_Host],
        *,
        workers: int | None,
        grace: Seconds,
        overdue_after: Seconds | None,
        capture_stacks: bool,
        manual_clock: bool,
        executor: Executor | Callable[[Job], object] | None,
        loop: asyncio.AbstractEventLoop | None,
    ) -> None: ...
    def _visit(self, handle: int) -> _Host: ...
    def handle(self) -> int:
        """A handle for C code, borrowed: the same value each time, good while this object lives.

        The receiver never releases it; backstay_host_dup makes one to keep. While it is there the host is open, also one
        that somebody else opened. Raises OutOfMemory, Forked.
        """

    @property
    def state(self) -> HostState:
        """Where the host is in its life."""

    @property
    def grace(self) -> float:
        """How long, in seconds, a cancelled instance may take unless its task says otherwise."""

    @property
    def stragglers(self) -> int:
        """How many threads user code still occupies although their instances were abandoned (C6)."""

    @property
    def suspended(self) -> bool:
        """Whether the host as a whole is suspended."""

    def register(
        self,
        name: str,
        run: Callable[[Instance], object],
        *,
        trigger: Trigger | None = None,
        group: str | None = None,
        conditions: Iterable[str] = (),
        cancel_on_condition_loss: bool = False,
        deadline: Seconds | None = None,
        grace: Seconds | None = None,
        when_busy: WhenBusy | None = None,
        max_running: int | None = None,
        max_pending: int | None = None,
        max_failures: int | None = None,
        if_exists: IfExists | None = None,
        on_shutdown: OnShutdown | None = None,
    ) -> Task:
        """Register a task: from now on it can be fired. What each option says stands at ``TaskOptions``.

        ``run(instance)`` runs on one of the host's threads, once for every instance, several at once. A coroutine
        function runs on an event loop instead (see ``Host``), and its instance is alive until it is done (L8). What it
        raises makes the instance Failed (L7); what it returns is ignored. Whoever must not miss the first completion of
        a task with a trigger attaches ``on_event`` to the host first.

        Raises InvalidTask with all faults at once, NameTaken, Closed.
        """

    def get_task(self, name: str) -> Task | None:
        """The task that is registered under this name and in no group (G5)."""

    def tasks(self) -> tuple[Task, ...]:
        """The registered tasks that are in no group, by name."""

    def group(self, name: str) -> Group:
        """The group of this name, whether or not a task is in it."""

    def groups(self) -> tuple[str, ...]:
        """The names of the groups that have a task."""

    def set_condition(self, name: str, on: bool) -> None:
        """Say whether a condition holds; one that was never set does not (F2).

        What waited for it may start; what runs and wants that is cancelled when it ceases to hold (F3).
        Raises InvalidArgument for an empty name.
        """

    def condition(self, name: str) -> bool:
        """Whether a condition holds."""

    def raise_event(self, name: str, details: Any = None) -> int:
        """Fire every task that is bound to the event, and tell how many took it; an edge, not a level (F6).

        The details are those of :meth:`Task.fire`. Raises Closed.
        """

    def suspend(self, cause: Cause | None = None) -> None:
        """Suspend everything: nothing starts, and what runs stays at its next checkpoint (S1)."""

    def resume(self) -> None:
        """Take back one suspend(); one too many changes nothing (S2)."""

    def on_event(self, handler: Callable[[InstanceEvent], object]) -> Subscription:
        """Call ``handler(event)`` for every event of every instance, on the host's events thread.

        The events of one instance come in order, and nothing comes after its COMPLETED (E3). What the handler raises
        goes to ``sys.unraisablehook``. On a closed host it is dropped and never called.
        """

    def holders(self) -> tuple[HeldInstance, ...]:
        """Everything that holds an instance by a deferral, instance by instance in the order of firing (H4)."""

    def snapshot(self) -> Snapshot:
        """What is there and what it does, at this moment (H3)."""

    def flush(self, timeout: Seconds | None = None) -> None:
        """Wait until every event that was caused before this call has been delivered (E7).

        Raises TimedOut; WouldDeadlock from an entry point or callback of this host.
        """

    def advance(self, seconds: Seconds) -> None:
        """Move a manual clock; everything due on the way happens in order (H5).

        Ctrl-C ends the move where it is. Raises NotManualClock; WouldDeadlock from an entry point or callback of this
        host; TimedOut when a handler does not return within 30 seconds.
        """

    def drain(self, timeout: Seconds) -> DrainReport:
        """Refuse new firings, cancel nothing, and wait until everything alive has finished (H2).

        Ends Closed when nothing is left, else stays Draining. Ctrl-C ends the wait, not the drain.
        Raises WouldDeadlock from an entry point or callback of this host, and on the event loop of its coroutines.
        """

    def shutdown(self, grace: Seconds | None = None) -> DrainReport:
        """Refuse new firings, cancel everything with TERMINATING, wait at most the grace, abandon the rest (H2).

        Ctrl-C ends the wait with KeyboardInterrupt; the shutdown goes on, and can be waited for again.
        Raises WouldDeadlock from an entry point or callback of this host: use begin_shutdown there; and on the event
        loop of its coroutines: await shutdown_async there.
        """

    def wait(self, timeout: Seconds | None = None) -> DrainReport:
        """Wait for the end of the host, whoever begins it, and give the report of it.

        So a main thread can stand here while a signal handler calls begin_shutdown(). Raises TimedOut, WouldDeadlock.
        """

    def begin_drain(self, timeout: Seconds) -> None:
        """Begin what drain() does and return at once; works from anywhere (E8)."""

    def begin_shutdown(self, grace: Seconds | None = None) -> None:
        """Begin what shutdown() does and return at once; works from anywhere (E8)."""

    def _adopt_loop(self) -> None: ...
    def _begin_exit(self) -> None: ...
    def _ended(self) -> tuple[_Wait, Loops | None]: ...

@final
class Group:
    """The tasks of one host that were registered with this group (G5)."""

    @property
    def name(self) -> str:
        """Its name."""

    def get_task(self, name: str) -> Task | None:
        """The task that is registered under this name in the group."""

    def tasks(self) -> tuple[Task, ...]:
        """Its tasks, by name."""

@final
class Task:
    """A registered task: fire it to make an instance. Usable from any thread."""

    @property
    def name(self) -> str:
        """The name that it was registered under."""

    @property
    def group(self) -> str | None:
        """The group that it is in."""

    @property
    def running(self) -> int:
        """How many of its instances are Running."""

    @property
    def pending(self) -> int:
        """How many of its instances are Pending."""

    @property
    def registered(self) -> bool:
        """Whether it can be fired, as far as its registration goes."""

    @property
    def disabled(self) -> bool:
        """Whether it failed too often in a row (G6)."""

    @property
    def suspended(self) -> bool:
        """Whether the task itself is suspended."""

    def fire(self, details: Any = None) -> Instance:
        """Make an instance, Pending or already Running, which carries the details (F7).

        ``str`` and ``bytes`` are read as such by every language; bool, numbers, lists and dicts travel as JSON and
        read back as a new equal value; everything else, or ``Opaque(x)``, is the very object, for Python only.

        Raises Closed, Unregistered, Disabled, CurrentlyRunning, OutOfMemory.
        """

    def fire_with_answer(self, details: Any = None) -> tuple[Instance, FireAnswer]:
        """Do what fire() does, and tell what became of the firing (F1)."""

    def explain(self) -> str:
        """Why nothing of it is starting now, in words (F1)."""

    def enable(self) -> None:
        """Let a disabled task take firings again; its failures are counted anew (G6). Raises Unregistered."""

    def suspend(self, cause: Cause | None = None) -> None:
        """Suspend the task: nothing of it starts, and what runs stays at its next checkpoint (S1)."""

    def resume(self) -> None:
        """Take back one suspend(); one too many changes nothing (S2)."""

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
    """One execution of a task. Usable from any thread; dropping it ends nothing.

    In a coroutine, ``await instance`` gives its Completion.
    """

    @property
    def id(self) -> uuid.UUID:
        """The id, random and unique."""

    @property
    def task(self) -> Task:
        """The task that this is an execution of."""

    @property
    def host(self) -> _Host | None:
        """The host that runs it; None when Python has none of it, or has dropped it.

        The way to the host that does not keep it open (H2).
        """

    @property
    def details(self) -> Any:
        """What the firing carried (F7)."""

    @property
    def state(self) -> State:
        """Where it is in its life."""

    @property
    def completion(self) -> Completion | None:
        """How it ended; None while it is alive."""

    @property
    def progress(self) -> int:
        """Any number from 0 to 2**32 - 1. Setting it never blocks; ignored after the finish (E6)."""

    @progress.setter
    def progress(self, progress: int) -> None: ...
    @property
    def deadline(self) -> float | None:
        """How many seconds the task lets it run, suspensions not counted; None when there is no end to that (C7)."""

    @property
    def remaining(self) -> float | None:
        """How much of the deadline is left; it stands still while the instance is suspended (S3)."""

    @property
    def canceled(self) -> int | None:
        """Why the instance was asked to stop: a CancelReason, or a number of your own; None when it was not."""

    def cancellation(self) -> Cancellation:
        """A token that tells whether the instance was asked to stop, for code that needs to know nothing else."""

    def raise_if_canceled(self) -> None:
        """Raise TaskCanceled if the instance was asked to stop: the way to leave an entry point (C8)."""

    def checkpoint(self, timeout: Seconds | None = None) -> Checkpoint:
        """Stay while the instance is suspended, and tell whether it was asked to stop: then the work should end (S1).

        A cancellation wakes it. In plain code this is a bool. In a coroutine it must be awaited for one, and takes no
        timeout. In a handler it never stays. Raises TimedOut when the instance is still suspended.
        """

    def suspend(self, cause: Cause | None = None) -> None:
        """Suspend the instance; a Pending one does not start until it is resumed (S1, S2)."""

    def resume(self) -> None:
        """Take back one suspend(); one too many changes nothing (S2)."""

    @property
    def suspended(self) -> bool:
        """Whether it is Running and suspended: by itself, its task or its host."""

    @property
    def suspended_count(self) -> int:
        """How many suspensions of this instance began (S2)."""

    def throttle_count(self, counter: Counter | None = None) -> int:
        """How many of them a cause took part in; any named cause by default (S2)."""

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

    def on_completed(self, handler: Callable[[Completion], object]) -> Subscription:
        """Call ``handler(completion)`` once when the instance ends, on the host's events thread (L2).

        On a finished instance the handler is dropped and never called; look at ``completion`` first.
        """

    def wait(self, timeout: Seconds | None = None) -> Completion:
        """Wait until the instance is finished, by the machine's clock, and tell how it ended (E9).

        Raises TimedOut; WouldDeadlock from the instance's own entry point, and on the event loop of its coroutine:
        await the instance there.
        """

    def __await__(self) -> Generator[Any, None, Completion]: ...
    def handle(self) -> int:
        """A handle for C code, borrowed: the same value each time, good while this object lives.

        The receiver never releases it; backstay_instance_dup makes one to keep. Raises OutOfMemory, Forked.
        """

    @staticmethod
    def from_handle(handle: int) -> Instance:
        """Give the instance behind a handle of C, which stays its owner's.

        Raises InvalidHandle, StaleHandle, WrongHandleType, ForeignHandle, Forked.
        """

    def __hash__(self) -> int: ...

@final
class Cancellation:
    """Whether, and why, one instance was asked to stop; to look at it is to notice it (C9).

    In a coroutine, ``await cancellation`` gives the reason, or None when the instance finished without one.
    """

    @property
    def is_canceled(self) -> bool:
        """Whether the instance was asked to stop (C3)."""

    @property
    def reason(self) -> int | None:
        """Why it was asked to stop, if it was."""

    def wait(self, timeout: Seconds | None = None) -> int | None:
        """Wait for the cancellation: the reason, or None when the instance finished without one. Raises TimedOut."""

    def __await__(self) -> Generator[Any, None, int | None]: ...

@final
class Deferral:
    """A hold on an instance: while it is pending the instance is not finished.

    Usable from any thread. As a context manager, plain or async, it completes at the end of the block, or fails with the
    exception that left it. Dropped without a word it counts as completed, with a ResourceWarning (L5).
    """

    @property
    def instance(self) -> Instance:
        """The instance that is held."""

    @property
    def canceled(self) -> int | None:
        """Why the instance was asked to stop, as this holder sees it: a first look is noted (C9)."""

    def wait_canceled(self, timeout: Seconds | None = None) -> int | None:
        """Wait until the instance is asked to stop: the reason, or None when it finished. Raises TimedOut."""

    def set_note(self, note: str) -> Status:
        """Say what this holder is doing, for every report (H4)."""

    def set_overdue_after(self, age: Seconds) -> Status:
        """Have this deferral reported when it is as old as that; the last word counts (H4)."""

    def set_stack(self, stack: str) -> Status:
        """Say which calls led to the taking, for every report (H4)."""

    def holder(self) -> Holder | None:
        """How this deferral stands in reports; None once it was completed."""

    def complete(self) -> Status:
        """Let the instance go (L4).

        OK; ALREADY_COMPLETED for every later one; NOT_RUNNING once when the instance was abandoned meanwhile.
        """

    def fail(self, error: str | BaseException) -> Status:
        """Let the instance go and say that the work failed; the first error makes the outcome Failed (L6)."""

    def detach(self) -> int:
        """Give the hold away to C code: a handle that the receiver completes, fails or releases.

        This object is empty afterwards: a block that it manages leaves the hold alone, and every call raises InvalidHandle.
        Until Python or another language takes it over, reports name C as the holder, beside the line of the taking (H4).
        Raises OutOfMemory, with the hold still here, and Forked.
        """

    @staticmethod
    def from_handle(handle: int) -> Deferral:
        """Take over a deferral that C code gave away: the handle ends, and reports name Python as the holder.

        C may have other handles to the same hold, by backstay_deferral_dup: it is dropped with the last of all. Raises
        InvalidHandle, StaleHandle for one that was completed or taken over, WrongHandleType, ForeignHandle, Forked.
        """

    def __enter__(self) -> Self: ...
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...
    def __aenter__(self) -> Awaitable[Self]: ...
    def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> Awaitable[None]: ...

@final
class Subscription:
    """One attached handler. Dropping this leaves the handler attached; only cancel() detaches it (E4)."""

    def cancel(self, timeout: Seconds | None = None) -> None:
        """Detach the handler: afterwards it is not called any more.

        Waits for a call in flight; inside any backstay callback it never waits. Raises TimedOut when the call in flight
        is not over; the handler is detached all the same.
        """

@final
class Job:
    """A piece of work for an application's executor (H7): call it once, later, on a thread of your choice.

    One that is dropped instead cancels the instance that waits longest with RESOURCE_REVOCATION.
    """

    def __call__(self) -> None:
        """Do the work. A second call does nothing."""

# For `_results.py`.

@disjoint_base
class _Told:
    def __new__(cls, *_values: object, **_named: object) -> Self: ...
    def __reduce__(self) -> tuple[type[Self], tuple[Any, ...]]: ...

_Kind = TypeVar("_Kind")

def _made_later(class_: type[_Kind]) -> type[_Kind]: ...

# For `_host.py` and `_aio.py`.

@final
class _Farewell:
    def __call__(self) -> None: ...

@final
class _Bell:
    def __new__(cls) -> Self: ...
    def fileno(self) -> int: ...
    def hear(self) -> list[int]: ...

@final
class _Wait:
    def poll(self, bell: _Bell | None = None, token: int = 0) -> tuple[Any] | None: ...
    def forget(self) -> None: ...

@final
class _Reply:
    def __call__(self, error: BaseException | None) -> None: ...
    def lose(self) -> None: ...
