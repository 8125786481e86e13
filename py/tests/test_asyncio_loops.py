"""The loops of a host: how long its own one lives, and what becomes of coroutines when a loop ends."""

from __future__ import annotations

import asyncio
import gc
import sys
import threading
import time
import weakref
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import backstay
import pytest
from asyncio_hosts import FACTORIES, LoopFactory, running_loop
from backstay import Outcome, State, _loops

LOST = "the event loop ended before the coroutine was done"

pytestmark = pytest.mark.usefixtures("quiet")


async def nothing(instance: backstay.Instance) -> None:
    """A coroutine."""


async def forever(instance: backstay.Instance) -> None:
    """Wait for what never comes."""
    await asyncio.get_running_loop().create_future()


def own_threads() -> list[threading.Thread]:
    """The threads of own loops."""
    return [thread for thread in threading.enumerate() if thread.name.startswith("backstay")]


def started(host: backstay.Host, run: Callable[[backstay.Instance], Awaitable[None]]) -> backstay.Instance:
    """An instance whose coroutine has taken its first step."""
    entered = threading.Event()

    async def first(instance: backstay.Instance) -> None:
        entered.set()
        await run(instance)

    instance = host.register("started", first).fire()
    assert entered.wait(10)
    return instance


def test_a_loop_of_its_own_begins_with_the_first_start_and_ends_with_the_host() -> None:
    with backstay.Host() as host:
        task = host.register("t", nothing)
        assert own_threads() == []
        task.fire().wait(10).check()
        assert len(own_threads()) == 1
    assert own_threads() == []


def test_a_loop_of_its_own_ends_with_the_last_coroutine_function_and_may_begin_again(
    host: backstay.Host,
) -> None:
    for _ in range(3):
        tasks = [host.register(name, nothing) for name in "ab"]
        for task in tasks:
            task.fire().wait(10).check()
        (thread,) = own_threads()
        tasks[0].unregister()
        host.flush(10)
        assert thread.is_alive()
        tasks[1].unregister()
        thread.join(10)
        assert not thread.is_alive()


def test_a_coroutine_function_that_is_not_registered_keeps_no_loop(host: backstay.Host) -> None:
    task = host.register("t", nothing)
    task.fire().wait(10).check()
    (thread,) = own_threads()
    with pytest.raises(backstay.NameTaken):
        host.register("t", nothing)
    task.unregister()
    thread.join(10)
    assert not thread.is_alive()


def test_a_loop_of_its_own_is_made_by_the_application_s_policy(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[asyncio.AbstractEventLoop] = []

    def new_event_loop() -> asyncio.AbstractEventLoop:
        made.append(list(FACTORIES.values())[-1]())
        return made[-1]

    async def run(instance: backstay.Instance) -> None:
        assert asyncio.get_running_loop() is made[0]
        await asyncio.sleep(0)

    monkeypatch.setattr(asyncio, "new_event_loop", new_event_loop)
    with backstay.Host() as host:
        host.register("t", run).fire().wait(10).check()
    assert own_threads() == [] and made[0].is_closed()


@pytest.mark.skipif(sys.version_info < (3, 12), reason="eager tasks came with 3.12")
def test_tasks_may_begin_eagerly() -> None:
    ran: list[object] = []

    async def run(instance: backstay.Instance) -> None:
        ran.append(instance.details)
        await forever(instance)

    with running_loop() as loop, backstay.Host(loop=loop) as host:
        loop.call_soon_threadsafe(loop.set_task_factory, asyncio.eager_task_factory)  # type: ignore[attr-defined]
        host.register("fine", nothing).fire().wait(10).check()
        busy, go = threading.Event(), threading.Event()
        loop.call_soon_threadsafe(busy.set)
        loop.call_soon_threadsafe(go.wait, 10)
        assert busy.wait(10)
        early = host.register("t", run).fire()
        while early.state is State.PENDING:
            pass
        early.cancel()
        go.set()
        assert early.wait(10).outcome is Outcome.CANCELED
        instance = started(host, run)
        instance.cancel()
        assert instance.wait(10).outcome is Outcome.CANCELED
    assert ran == [None], "not before its first step"


def test_an_awaited_shutdown_leaves_no_thread_either() -> None:
    async def side() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0.05)

    kept: list[object] = []

    async def run(instance: backstay.Instance) -> None:
        kept.append(asyncio.ensure_future(side()))

    async def main() -> None:
        host = backstay.Host()
        (await host.register("t", run).fire()).check()
        assert len(own_threads()) == 1
        await host.shutdown_async()
        assert own_threads() == []

    asyncio.run(main())


def test_what_user_code_left_on_a_loop_of_its_own_is_canceled_and_ends() -> None:
    ended: list[str] = []

    async def side() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            await asyncio.sleep(0)
            ended.append("task")

    async def numbers() -> AsyncIterator[int]:
        try:
            yield 1
        finally:
            await asyncio.sleep(0)
            ended.append("generator")

    kept: list[Any] = []

    async def run(instance: backstay.Instance) -> None:
        kept.extend([asyncio.ensure_future(side()), numbers()])
        await kept[1].__anext__()
        await asyncio.to_thread(ended.append, "thread")

    with backstay.Host() as host:
        host.register("t", run).fire().wait(10).check()
        assert ended == ["thread"]
    assert ended == ["thread", "task", "generator"]
    assert own_threads() == []


def test_a_task_that_will_not_end_does_not_keep_the_shutdown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_loops, "_LAST_TASKS", 0.05)

    async def stubborn(instance: backstay.Instance) -> None:
        while True:
            try:
                await asyncio.get_running_loop().create_future()
            except asyncio.CancelledError:
                pass

    with backstay.Host(grace=0.05) as host:
        instance = started(host, stubborn)
        (thread,) = own_threads()
    assert instance.wait(0).outcome is Outcome.ABANDONED
    assert not thread.is_alive()


def test_a_stopped_loop_of_its_own_goes_on(host: backstay.Host) -> None:
    async def stops(instance: backstay.Instance) -> None:
        asyncio.get_running_loop().stop()
        await asyncio.sleep(0.001)

    host.register("t", stops).fire().wait(10).check()
    host.register("u", nothing).fire().wait(10).check()


def test_a_loop_that_is_closed_ends_its_coroutines(factory: LoopFactory) -> None:
    with running_loop(factory) as loop:
        host = backstay.Host(loop=loop)
        instance = started(host, forever)
    done = instance.wait(10)
    assert (done.outcome, done.error, done.error_type) == (Outcome.FAILED, LOST, "RuntimeError")
    assert host.shutdown().is_clean


def test_a_loop_that_is_closed_before_it_came_to_a_coroutine_ends_that(
    factory: LoopFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    loop = factory()
    asks, asked = loop.call_soon_threadsafe, threading.Event()

    def call_soon_threadsafe(*arguments: Any) -> asyncio.Handle:
        handle = asks(*arguments)
        asked.set()
        return handle

    monkeypatch.setattr(loop, "call_soon_threadsafe", call_soon_threadsafe)
    with backstay.Host(loop=loop) as host:
        instance = host.register("t", forever).fire()
        assert asked.wait(10)
        assert instance.state is State.RUNNING
        loop.close()
        assert instance.wait(10).error == LOST


def test_on_a_closed_loop_coroutines_fail() -> None:
    loop = asyncio.new_event_loop()
    loop.close()
    with backstay.Host(loop=loop) as host:
        done = host.register("t", nothing).fire().wait(10)
        assert (done.outcome, done.error) == (Outcome.FAILED, "Event loop is closed")


def test_asyncio_run_that_ends_takes_the_coroutines_with_it() -> None:
    async def main() -> backstay.Instance:
        host = backstay.Host(loop=asyncio.get_running_loop())
        hosts.append(host)
        entered = asyncio.Event()

        async def run(instance: backstay.Instance) -> None:
            entered.set()
            await forever(instance)

        instance = host.register("t", run).fire()
        await entered.wait()
        return instance

    hosts: list[backstay.Host] = []
    done = asyncio.run(main()).wait(10)
    assert (done.outcome, done.error_type) == (Outcome.FAILED, "CancelledError")
    hosts.pop().shutdown()


def test_a_loop_that_its_user_forgets_is_garbage(factory: LoopFactory) -> None:
    async def main(instance: backstay.Instance) -> None:
        (await instance).check()

    with backstay.Host() as host:
        loop = factory()
        gone = weakref.ref(loop)
        loop.run_until_complete(main(host.register("t", nothing).fire()))
        loop.close()
        del loop
        gc.collect()
        assert gone() is None


def test_a_host_that_only_its_coroutines_know_is_garbage() -> None:
    def forgotten() -> weakref.ref[backstay.Host]:
        host = backstay.Host()

        async def run(instance: backstay.Instance) -> None:
            assert host is not None

        host.register("t", run).fire().wait(10).check()
        return weakref.ref(host)

    gone = forgotten()
    (thread,) = own_threads()
    until = time.monotonic() + 10
    while gone() is not None and time.monotonic() < until:
        # The worker that began the coroutine may not have let go of it yet.
        gc.collect()
    assert gone() is None
    thread.join(10)
    assert own_threads() == []


@pytest.mark.parametrize("call", ["shutdown", "drain", "wait", "instance.wait"])
def test_what_would_block_the_loop_of_the_coroutines_is_refused(factory: LoopFactory, call: str) -> None:
    calls: dict[str, Callable[[backstay.Host, backstay.Instance], object]] = {
        "shutdown": lambda host, instance: host.shutdown(),
        "drain": lambda host, instance: host.drain(10),
        "wait": lambda host, instance: host.wait(),
        "instance.wait": lambda host, instance: instance.wait(),
    }

    async def main() -> None:
        async with backstay.Host() as host:
            instance = host.register("t", forever).fire()
            with pytest.raises(backstay.WouldDeadlock, match="event loop"):
                calls[call](host, instance)
            with pytest.raises(backstay.TimedOut):
                instance.wait(0)
            instance.cancel()
            await instance
            instance.wait().check()

    loop = factory()
    loop.run_until_complete(main())
    loop.close()


def test_plain_entry_points_may_run_on_the_loop_by_its_executor(factory: LoopFactory) -> None:
    seen: list[threading.Thread] = []
    with running_loop(factory) as loop, backstay.Host(executor=loop.call_soon_threadsafe) as host:
        task = host.register("t", lambda instance: seen.append(threading.current_thread()))
        task.fire().wait(10).check()
        there = asyncio.run_coroutine_threadsafe(current_thread(), loop).result(10)
    assert seen == [there]


async def current_thread() -> threading.Thread:
    """The thread of the loop."""
    return threading.current_thread()
