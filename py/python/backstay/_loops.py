"""On which event loop the coroutines of a host run.

On the one that the host was given; else on the one on which ``async with host`` was entered; else on one of its own, in
a thread that is there while a coroutine function is registered and was fired.

1. A lease is counted for each registered coroutine function. The loop of its own ends with the last lease, and the next
   start begins another: ``leave`` only tells it to, and waits for nobody.
2. The lock may be taken again by the thread that has it, since a garbage collection that happens under it may drop a
   lease. What is changed under it is whole before anything else is called.
3. Nothing here knows the host, which would never be garbage then.
"""

from __future__ import annotations

import asyncio
import threading
import time
import weakref
from contextlib import suppress
from typing import final

#: How long, in seconds, what user code has left on a loop may take to end.
_LAST_TASKS = 1.0

#: Loops in threads of their own that have not ended.
_OWN: weakref.WeakSet[_Own] = weakref.WeakSet()


@final
class Loops:
    """The event loops of one host. Usable from any thread."""

    def __init__(self, given: asyncio.AbstractEventLoop | None = None) -> None:
        self._lock = threading.RLock()
        self._loop = given
        self._adopted = False
        self._own: _Own | None = None
        self._ending: list[_Own] = []
        self._leases = 0

    def enter(self) -> None:
        """A coroutine function was registered."""
        with self._lock:
            self._leases += 1

    def leave(self) -> None:
        """A coroutine function and all its instances are gone."""
        with self._lock:
            self._leases -= 1
            own = self._own
            if self._leases or own is None:
                return
            self._own = None
            self._ending.append(own)
        own.stop()

    def adopt(self, loop: asyncio.AbstractEventLoop) -> None:
        """Use this loop from now on, unless one was given."""
        with self._lock:
            if self._loop is None or (self._adopted and self._loop.is_closed()):
                self._loop, self._adopted = loop, True

    def current(self) -> asyncio.AbstractEventLoop:
        """The loop that the next coroutine runs on."""
        with self._lock:
            if self._loop is not None:
                return self._loop
            if self._own is None:
                self._own = _Own()
            return self._own.loop

    def need(self, loop: asyncio.AbstractEventLoop) -> bool:
        """Whether coroutines of the host run on this loop."""
        with self._lock:
            own = None if self._own is None else self._own.loop
            return self._leases > 0 and (loop is self._loop or loop is own)

    def is_ending(self) -> bool:
        """Whether there is something to join."""
        return bool(self._ending)

    def join(self, timeout: float) -> None:
        """Wait until the threads of loops that are not needed any more have ended."""
        with self._lock:
            ending = list(self._ending)
        _join(ending, timeout)
        with self._lock:
            self._ending = [own for own in self._ending if own.is_alive()]


def join_all(timeout: float) -> None:
    """Wait for the threads of all hosts, at interpreter exit."""
    _join(list(_OWN), timeout)


def _join(ending: list[_Own], timeout: float) -> None:
    until = time.monotonic() + timeout
    for own in ending:
        own.join(until - time.monotonic())


@final
class _Own:
    """An event loop in a thread of its own."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._is_stopped = False
        # A daemon: the interpreter waits for other threads before the exit hook ends the hosts.
        self._thread = threading.Thread(target=self._run, name="backstay-loop", daemon=True)
        _OWN.add(self)
        try:
            self._thread.start()
        except BaseException:
            self.loop.close()
            raise

    def stop(self) -> None:
        self.loop.call_soon_threadsafe(self._stop)

    def is_alive(self) -> bool:
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        # RuntimeError: it is the thread that joins, or, at interpreter exit, one that has not started and never will.
        with suppress(RuntimeError):
            self._thread.join(max(timeout, 0))

    def _stop(self) -> None:
        self._is_stopped = True
        self.loop.stop()

    def _run(self) -> None:
        loop = self.loop
        try:
            while not self._is_stopped:
                try:
                    loop.run_forever()
                except SystemExit:
                    # Of a task or callback that the application has put on the loop; threads ignore it, too.
                    pass
                except BaseException as error:  # noqa: BLE001
                    loop.call_exception_handler({"message": "the loop was interrupted", "exception": error})
            loop.run_until_complete(_end_tasks(loop))
            # As long as it takes: these are threads that user code occupies.
            with suppress(RuntimeError):
                # Late in the exit of the interpreter no thread can be had to wait for them.
                loop.run_until_complete(loop.shutdown_default_executor())
        finally:
            loop.close()


async def _end_tasks(loop: asyncio.AbstractEventLoop) -> None:
    """Cancel what user code has left on the loop, and let it end."""
    until = loop.time() + _LAST_TASKS
    seen = {asyncio.current_task()}
    # Those that others begin at their end are cancelled as well.
    while loop.time() < until:
        tasks = asyncio.all_tasks() - seen
        if not tasks:
            break
        seen |= tasks
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks, timeout=until - loop.time())
    generators = loop.create_task(loop.shutdown_asyncgens())
    await asyncio.wait({generators}, timeout=max(until - loop.time(), 0.1))
