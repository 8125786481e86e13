"""What the tests of asyncio share: hosts whose coroutines run on a loop given, adopted, or of the host's own."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Callable, Coroutine, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import backstay
import pytest

try:
    from uvloop import new_event_loop as uvloop
except ImportError:
    uvloop = None  # type: ignore[assignment]

LoopFactory = Callable[[], asyncio.AbstractEventLoop]

#: Makes an event loop: that of asyncio, and uvloop where it is installed.
FACTORIES: dict[str, LoopFactory] = {"asyncio": asyncio.new_event_loop}
if uvloop is not None:
    FACTORIES["uvloop"] = uvloop


@pytest.fixture(params=list(FACTORIES.values()), ids=list(FACTORIES))
def factory(request: pytest.FixtureRequest) -> LoopFactory:
    """Each kind of event loop there is."""
    made: LoopFactory = request.param
    return made


@pytest.fixture(params=["own", "given", "adopted"])
def placed(request: pytest.FixtureRequest) -> Iterator[backstay.Host]:
    """A host whose coroutines run on a loop in another thread, whichever way it came by that."""
    places: dict[str, Callable[[], AbstractContextManager[backstay.Host]]] = {
        "own": backstay.Host,
        "given": on_given_loop,
        "adopted": on_adopted_loop,
    }
    with places[request.param]() as host:
        yield host


@pytest.fixture
def quiet(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """Nobody had anything to say: asyncio to its logger, or Python of what was never awaited or closed."""
    yield
    gc.collect()
    assert [record.getMessage() for record in caplog.get_records("call")] == []


@contextmanager
def running_loop(factory: LoopFactory = asyncio.new_event_loop) -> Iterator[asyncio.AbstractEventLoop]:
    """A loop that runs in a thread and is closed at the end."""
    loop = factory()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield loop
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@contextmanager
def on_given_loop(factory: LoopFactory = asyncio.new_event_loop) -> Iterator[backstay.Host]:
    """A host that is given a loop."""
    with running_loop(factory) as loop, backstay.Host(loop=loop) as host:
        yield host


@contextmanager
def on_adopted_loop(factory: LoopFactory = asyncio.new_event_loop) -> Iterator[backstay.Host]:
    """A host that was entered by ``async with``."""
    hosts: list[backstay.Host] = []
    entered, leave = threading.Event(), Flag()

    async def main() -> None:
        async with backstay.Host() as host:
            hosts.append(host)
            entered.set()
            await leave.wait()

    thread = threading.Thread(target=run, args=(main(), factory))
    thread.start()
    assert entered.wait(10)
    try:
        yield hosts[0]
    finally:
        leave.set()
        thread.join()


def run(main: Coroutine[Any, Any, Any], factory: LoopFactory) -> Any:
    """Run a coroutine as asyncio.run does, on a loop of that kind."""
    loop = factory()
    try:
        return loop.run_until_complete(main)
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()


class Flag:
    """An event that any thread may set and coroutines of any loop await."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_set = False
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Future[None]]] = []

    def set(self) -> None:
        """Let everybody go on."""
        with self._lock:
            self._is_set = True
            waiting, self._waiting = self._waiting, []
        for loop, future in waiting:
            loop.call_soon_threadsafe(_settle, future)

    async def wait(self) -> None:
        """Wait until it is set."""
        loop = asyncio.get_running_loop()
        with self._lock:
            if self._is_set:
                return
            future = loop.create_future()
            self._waiting.append((loop, future))
        await future


def _settle(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
