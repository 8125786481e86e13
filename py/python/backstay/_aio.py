"""asyncio as a host: how a coroutine waits for what other threads do, and how it runs as an entry point.

Imported when something of it is used for the first time, and not before, since it imports asyncio.

The core wakes whoever waits on any thread, without the interpreter, by ringing the bell of an event loop. The loop
watches the bell only while something on it waits, so nothing is left behind in a loop that is closed.

1. A loop is known only by weak references and by what it owns itself: a loop that its user forgets goes.
2. Who waits is known to the loop's own reader, strongly: a task that only waits for backstay is not garbage. When the
   loop is closed the reader goes, and with it everybody is told that the loop is lost.
3. All of this happens on the thread of the loop; what may come from other threads is the end of a coroutine that a
   closed loop has left behind, which finds its reader gone.
"""

from __future__ import annotations

import asyncio
import itertools
import threading
import warnings
import weakref
from collections.abc import Callable, Coroutine, Generator
from typing import TYPE_CHECKING, Any, Protocol, final

from ._errors import WouldDeadlock
from ._lib import _Bell
from ._words import State

if TYPE_CHECKING:
    from ._host import Host
    from ._lib import Instance, _Reply, _Wait
    from ._loops import Loops
    from ._results import DrainReport

#: How long, in seconds, the threads of a closed host's own loops may take to end.
_SETTLE = 2.0


class _Waiting(Protocol):
    def heard(self) -> None:
        """The bell has rung: it is time to poll again."""

    def lost(self) -> None:
        """The loop was closed."""


class _Reader:
    """What the loop calls when its bell rings; owned by the loop (2)."""

    def __init__(self, loop: asyncio.AbstractEventLoop, bell: _Bell) -> None:
        self.waiting: dict[int, _Waiting] = {}
        self._loop = loop
        self._bell = bell
        loop.add_reader(bell.fileno(), self._heard)

    def end(self) -> None:
        self._loop.remove_reader(self._bell.fileno())

    def _heard(self) -> None:
        for token in self._bell.hear():
            waiting = self.waiting.get(token)
            if waiting is not None:
                waiting.heard()

    def __del__(self) -> None:
        for waiting in list(self.waiting.values()):
            waiting.lost()


class _Ear:
    """Where one loop hears; there as long as the loop is, and does not know it (1)."""

    def __init__(self) -> None:
        self.bell = _Bell()
        self._tokens = itertools.count()
        self._reader: Callable[[], _Reader | None] = _nobody

    def wait(self, loop: asyncio.AbstractEventLoop, waiting: _Waiting) -> int:
        """Have it told when the bell rings with the token that this gives."""
        reader = self._reader()
        if reader is None:
            reader = _Reader(loop, self.bell)
            self._reader = weakref.ref(reader)
        token = next(self._tokens)
        reader.waiting[token] = waiting
        return token

    def is_listening(self) -> bool:
        """Whether the loop watches the bell."""
        return self._reader() is not None

    def forget(self, token: int) -> None:
        reader = self._reader()
        if reader is None:
            return
        reader.waiting.pop(token, None)
        if not reader.waiting:
            self._reader = _nobody
            reader.end()


def _nobody() -> None:
    return None


_EARS: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, _Ear] = weakref.WeakKeyDictionary()


def _ear_of(loop: asyncio.AbstractEventLoop) -> _Ear:
    ear = _EARS.get(loop)
    if ear is None:
        ear = _EARS[loop] = _Ear()
    return ear


@final
class _Turn:
    """A coroutine that waits for its turn to poll again."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._next: asyncio.Future[None] | None = None

    def heard(self) -> None:
        if self._next is not None and not self._next.done():
            self._next.set_result(None)

    def lost(self) -> None:
        # Nobody can wake the coroutine any more.
        pass

    async def come(self) -> None:
        self._next = self._loop.create_future()
        await self._next


async def answer(wait: _Wait) -> Any:
    """What comes of a future of the core."""
    found = wait.poll()
    if found is not None:
        return found[0]
    loop = asyncio.get_running_loop()
    turn, ear = _Turn(loop), _ear_of(loop)
    token = ear.wait(loop, turn)
    try:
        while True:
            found = wait.poll(ear.bell, token)
            if found is not None:
                return found[0]
            await turn.come()
    finally:
        ear.forget(token)
        wait.forget()


def iterator(wait: _Wait, instance: Instance | None = None) -> Generator[Any, None, Any]:
    """What ``__await__`` gives for a future of the core; with the instance if it is for the end of that."""
    if instance is not None and _running() == instance and instance.state is not State.FINISHED:
        raise WouldDeadlock("await instance from its own coroutine would wait for itself; return instead")
    return answer(wait).__await__()


@final
class Checkpoint:
    """What ``instance.checkpoint()`` gives on an event loop: await it for a bool."""

    __slots__ = ("_wait",)

    def __init__(self, wait: _Wait) -> None:
        self._wait: _Wait | None = wait

    def __await__(self) -> Generator[Any, None, bool]:
        wait, self._wait = self._wait, None
        if wait is None:
            raise RuntimeError("this checkpoint was awaited before; call checkpoint() again")
        return iterator(wait)

    def __bool__(self) -> bool:
        self._wait = None
        raise TypeError("on an event loop, write: await instance.checkpoint()")

    def __del__(self, warn: Callable[..., None] = warnings.warn) -> None:
        if self._wait is not None:
            warn("instance.checkpoint() was never awaited", RuntimeWarning, stacklevel=2, source=self)


#: The tasks that are coroutines under way, and whose they are.
_LIVES: weakref.WeakKeyDictionary[asyncio.Task[Any], Instance] = weakref.WeakKeyDictionary()


def _running() -> Instance | None:
    """The instance whose coroutine makes this call, if it is one."""
    try:
        task = asyncio.current_task()
    except RuntimeError:
        # No loop runs here; what comes next says so.
        return None
    return None if task is None else _LIVES.get(task)


def refuse_inside(host: Host, call: str) -> None:
    """Refuse to wait for the end of a host in one of its coroutines (E8)."""
    instance = _running()
    if instance is not None and instance.host is host:
        raise WouldDeadlock(
            f"{call} from a coroutine of the same host would wait for itself; "
            "call it from another task, or use begin_shutdown"
        )


async def ended(host: Host) -> DrainReport:
    """Wait for the end of a host, which has begun, and for the threads of its own loops."""
    wait, loops = host._ended()
    report: DrainReport = await answer(wait)
    if loops is not None and loops.is_ending():
        await asyncio.get_running_loop().run_in_executor(None, loops.join, _SETTLE)
    return report


def begin(
    loops: Loops, run: Callable[[Instance], Any], instance: Instance, reply: _Reply, asked: _Wait
) -> None:
    """Have the loop run the coroutine; called by a worker. ``reply`` is told how it ended, ``asked`` says when to stop."""
    loop = loops.current()
    loop.call_soon_threadsafe(_start, loop, run, instance, reply, asked)


def _start(
    loop: asyncio.AbstractEventLoop,
    run: Callable[[Instance], Any],
    instance: Instance,
    reply: _Reply,
    asked: _Wait,
) -> None:
    found = asked.poll()
    if found is not None:
        # Asked to stop, and perhaps abandoned, before the loop came to it.
        reply(asyncio.CancelledError(found[0]))
        return
    coroutine = _run(run, instance)
    try:
        task = loop.create_task(coroutine, name=f"{instance.task.name} {instance.id}")
    except BaseException as error:  # noqa: BLE001
        # A task factory of the application.
        coroutine.close()
        reply(error)
    else:
        _Life(loop, task, reply, asked)


async def _run(run: Callable[[Instance], Coroutine[Any, Any, object]], instance: Instance) -> Any:
    """Run the entry point, and give the exception that left it: it is the instance's, not the loop's."""
    task = asyncio.current_task()
    if task is not None:
        # Here, since a task may take its first step before whoever made it knows it.
        _LIVES[task] = instance
    try:
        await run(instance)
    except GeneratorExit:
        # The loop was closed; see _Life.lost.
        raise
    except BaseException as error:  # noqa: BLE001
        if error.__traceback__ is not None:
            # Without the line above. An exception may refuse to have its attributes set.
            BaseException.with_traceback(error, error.__traceback__.tb_next)
        return error


@final
class _Life:
    """A coroutine under way, as a task of its loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, task: asyncio.Task[Any], reply: _Reply, asked: _Wait
    ) -> None:
        self._task = task
        self._reply = reply
        self._asked: _Wait | None = asked
        self._ear = _ear_of(loop)
        self._token = self._ear.wait(loop, self)
        task.add_done_callback(self._done)
        self.heard()

    def heard(self) -> None:
        """Cancel the task once its instance was asked to stop."""
        found = self._asked.poll(self._ear.bell, self._token) if self._asked is not None else None
        if found is not None:
            self._asked = None
            if found[0] is not None:
                self._task.cancel(found[0])

    def lost(self) -> None:
        """End the instance: the task will never go on."""
        # The instance tells it; asyncio need not print it as well.
        self._task._log_destroy_pending = False  # type: ignore[attr-defined]
        self._reply.lose()

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._ear.forget(self._token)
        if self._asked is not None:
            self._asked.forget()
        error: BaseException | None
        try:
            error = task.result()
        except BaseException as raised:  # noqa: BLE001
            # It was cancelled before its first step.
            error = raised
        self._reply(error)
        if isinstance(error, KeyboardInterrupt) and threading.current_thread() is threading.main_thread():
            # Ctrl-C came while the coroutine ran, and is for the program, too.
            raise KeyboardInterrupt
