"""The host: the compiled one, with what is better said in Python."""

from __future__ import annotations

import weakref

from . import _lib
from ._errors import Forked

TYPE_CHECKING = False
if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable
    from concurrent.futures import Executor
    from types import TracebackType
    from typing import Any, overload

    from typing_extensions import Self, Unpack

    from ._options import Seconds, TaskOptions
    from ._results import DrainReport

    _Run = Callable[[_lib.Instance], object]


class Host(_lib.Host):
    """Owns tasks, conditions, workers and a clock. Usable from any thread.

    As a context manager it is shut down at the end of the block, with its grace, and :meth:`wait` gives the report
    afterwards; ``async with`` does so without blocking the event loop. A host that is dropped begins to shut down, and nobody waits for it; one that is open when the
    interpreter exits is shut down with at most its grace (H2).

    Coroutine functions run on ``loop``, else on the loop on which ``async with host`` was entered, else on one that the
    host keeps in a thread of its own while it has such tasks.

    Entry points and handlers run on threads of the host. They do not see the context variables of who fired the task.
    What they put into context variables or ``threading.local`` is there for the next one on that thread, as with a
    ``ThreadPoolExecutor``, and ends with the thread, for which nobody waits; in a program that lends handles it may be gone
    when they return. Who fires calls the ``submit`` of an ``executor``. A failed instance is told to who asks for it: by
    ``wait().check()``, ``on_completed`` or ``on_event``.

    What the host itself reports, such as a handler that never returned, goes to the logger ``backstay``.

    :param workers: how many entry points may run at once; as many as the machine has cores by default, and at least 2.
    :param grace: how long, in seconds, a cancelled instance may take before it is abandoned (C6).
    :param overdue_after: report a deferral as OVERDUE, once, when it is so old (H4); never by default.
    :param capture_stacks: whether reports show the calls that led to the taking of each deferral; costs time (H4).
    :param manual_clock: time moves only by :meth:`advance`; for tests (H5).
    :param executor: runs entry points instead of workers of the host (H7): an Executor, or a function that is given a
        :class:`Job` and has it called later, on any thread but inside that call.
    :param loop: the event loop that coroutine functions run on.
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        grace: Seconds = 5.0,
        overdue_after: Seconds | None = None,
        capture_stacks: bool = False,
        manual_clock: bool = False,
        executor: Executor | Callable[[_lib.Job], object] | None = None,
        loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._open(
            weakref.ref(self),
            workers=workers,
            grace=grace,
            overdue_after=overdue_after,
            capture_stacks=capture_stacks,
            manual_clock=manual_clock,
            executor=executor,
            loop=loop,
        )
        if executor is not None:
            from . import _pools

            _pools.end_before_pools(self)

    @classmethod
    def from_handle(cls, handle: int) -> Host:
        """Give the host behind a handle of C, which somebody else opened: an application that embeds Python, say.

        It can do all that a host of Python's own can, and is the same object each time. But it is not Python's to end. It
        does not keep the host open, and raises Closed once its owner has let it go. At interpreter exit the tasks that
        Python registered in it are unregistered and their instances cancelled, with at most the host's grace, and the host
        goes on; what Python then still holds counts as dropped. Leaving a ``with`` block does end it, like
        :meth:`shutdown`.

        The handle stays its owner's. One of a host that Python has opened gives that very object. Raises InvalidHandle,
        StaleHandle, WrongHandleType, ForeignHandle, Forked.
        """
        return cls.__new__(cls)._visit(handle)

    if TYPE_CHECKING:

        @overload
        def task(self, run: _Run, /) -> _lib.Task: ...
        @overload
        def task(
            self, run: None = None, /, *, name: str | None = None, **options: Unpack[TaskOptions]
        ) -> Callable[[_Run], _lib.Task]: ...

    def task(
        self, run: _Run | None = None, /, *, name: str | None = None, **options: Any
    ) -> _lib.Task | Callable[[_Run], _lib.Task]:
        """Register the decorated function as a task; its name is the function's unless another is given.

        Takes the options of :meth:`register`. The decorated name stands for the :class:`Task`.
        """
        if run is not None and not callable(run):
            raise TypeError(
                f"expected a function, not {run!r}; a name is given by name: @host.task(name=...)"
            )

        def register(run: _Run) -> _lib.Task:
            return self.register(name if name is not None else _name_of(run), run, **options)

        return register if run is None else register(run)

    async def shutdown_async(self, grace: Seconds | None = None) -> DrainReport:
        """Do what :meth:`shutdown` does, for a coroutine: the event loop goes on meanwhile."""
        from . import _aio

        _aio.refuse_inside(self, "shutdown_async")
        self.begin_shutdown(grace)
        return await _aio.ended(self)

    async def drain_async(self, timeout: Seconds) -> DrainReport:
        """Do what :meth:`drain` does, for a coroutine: the event loop goes on meanwhile."""
        from . import _aio

        _aio.refuse_inside(self, "drain_async")
        self.begin_drain(timeout)
        return await _aio.ended(self)

    async def wait_async(self) -> DrainReport:
        """Do what :meth:`wait` does, for a coroutine: wait for the end of the host, whoever begins it."""
        from . import _aio

        _aio.refuse_inside(self, "wait_async")
        return await _aio.ended(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            self.shutdown()
        except Forked:
            # A child that leaves the block leaves the host to its parent; what it raised comes out as it is.
            pass

    async def __aenter__(self) -> Self:
        self._adopt_loop()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            await self.shutdown_async()
        except Forked:
            # As above.
            pass


class Farewell:
    """Says so when the host that alone has it is about to go, also as a part of a circle that is garbage."""

    __slots__ = ("_say",)

    def __init__(self, say: Callable[[], None]) -> None:
        self._say = say

    def __del__(self) -> None:
        self._say()


def _name_of(run: Any) -> str:
    name = getattr(run, "__name__", None)
    if not isinstance(name, str):
        raise TypeError(f"{run!r} has no name of its own; give the task one: name=...")
    return name
