"""What a coroutine can await: the end of an instance, a cancellation, a checkpoint, a deferral, the end of a host."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import os
import select
import sys
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import backstay
import pytest
from asyncio_hosts import LoopFactory, run
from backstay import CancelReason, Outcome, _aio

pytestmark = pytest.mark.usefixtures("quiet")


@contextmanager
def held(host: backstay.Host, **options: Any) -> Iterator[backstay.Deferral]:
    """A deferral of a running instance."""
    taken: list[backstay.Deferral] = []
    entered = threading.Event()

    def entry(instance: backstay.Instance) -> None:
        taken.append(instance.get_deferral("held"))
        entered.set()

    host.register("held", entry, **options).fire()
    assert entered.wait(10)
    with taken.pop() as deferral:
        yield deferral
    host.get_task("held").unregister()  # type: ignore[union-attr]


def test_awaiting_an_instance_gives_its_completion(host: backstay.Host, factory: LoopFactory) -> None:
    async def main(deferral: backstay.Deferral) -> None:
        waits = asyncio.ensure_future(deferral.instance)
        await asyncio.sleep(0)
        assert not waits.done()
        deferral.fail("not today")
        done = await waits
        assert (done.outcome, done.error) == (Outcome.FAILED, "not today")
        assert await deferral.instance == done, "also afterwards"

    with held(host) as deferral:
        run(main(deferral), factory)


def test_awaiting_a_cancellation_gives_the_reason_or_none(host: backstay.Host, factory: LoopFactory) -> None:
    async def main(deferral: backstay.Deferral, asks: bool) -> int | None:
        cancellation = deferral.instance.cancellation()
        waits = asyncio.ensure_future(cancellation)
        await asyncio.sleep(0)
        if asks:
            deferral.instance.cancel(CancelReason.IDLE_TASK)
        else:
            deferral.complete()
        assert await waits == await cancellation
        return waits.result()

    for asks, reason in [(True, CancelReason.IDLE_TASK), (False, None)]:
        with held(host) as deferral:
            assert run(main(deferral, asks), factory) is reason


def test_a_checkpoint_is_awaited_while_the_instance_is_suspended(
    host: backstay.Host, factory: LoopFactory
) -> None:
    async def main(instance: backstay.Instance) -> None:
        assert await instance.checkpoint() is False
        for go_on, answer in [(instance.resume, False), (instance.cancel, True)]:
            instance.suspend()
            waits = asyncio.ensure_future(instance.checkpoint())
            await asyncio.sleep(0)
            assert not waits.done()
            go_on()
            assert await waits is answer

    with held(host) as deferral:
        run(main(deferral.instance), factory)


def test_a_checkpoint_in_plain_code_is_a_bool(host: backstay.Host) -> None:
    with held(host) as deferral:
        assert deferral.instance.checkpoint() is False  # type: ignore[comparison-overlap]


def test_a_checkpoint_that_is_not_awaited_says_so(host: backstay.Host) -> None:
    async def main(instance: backstay.Instance) -> None:
        with pytest.raises(TypeError, match=r"await instance\.checkpoint\(\)"):
            if instance.checkpoint():
                raise AssertionError
        with pytest.raises(TypeError, match="timeout"):
            instance.checkpoint(1)
        with pytest.warns(RuntimeWarning, match="never awaited") as warned:
            instance.checkpoint()
        assert warned[0].filename == __file__
        twice = instance.checkpoint()
        await twice
        with pytest.raises(RuntimeError, match="awaited before"):
            await twice

    with held(host) as deferral:
        asyncio.run(main(deferral.instance))


def test_a_deferral_completes_or_fails_at_the_end_of_an_async_block(host: backstay.Host) -> None:
    async def main(deferral: backstay.Deferral, error: Exception | None) -> backstay.Completion:
        try:
            async with deferral as entered:
                assert entered is deferral
                if error is not None:
                    raise error
        except ValueError as raised:
            assert raised is error
        return await deferral.instance

    with held(host) as deferral:
        assert asyncio.run(main(deferral, None)).outcome is Outcome.SUCCEEDED
    with held(host) as deferral:
        assert asyncio.run(main(deferral, ValueError("in the block"))).error == "in the block"


def test_two_tasks_and_two_loops_may_await_the_same_instance(host: backstay.Host) -> None:
    all_wait = threading.Barrier(3)

    async def main(instance: backstay.Instance) -> None:
        waits = [asyncio.ensure_future(instance) for _ in range(2)]
        await asyncio.sleep(0)
        all_wait.wait(10)
        assert [done.outcome for done in await asyncio.gather(*waits)] == [Outcome.SUCCEEDED] * 2

    with held(host) as deferral:
        threads = [threading.Thread(target=asyncio.run, args=(main(deferral.instance),)) for _ in range(2)]
        for thread in threads:
            thread.start()
        all_wait.wait(10)
        deferral.complete()
        for thread in threads:
            thread.join()


def test_who_gives_up_waiting_is_forgotten(host: backstay.Host, factory: LoopFactory) -> None:
    async def main(instance: backstay.Instance) -> None:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(instance, 0.001)
        loop = asyncio.get_running_loop()
        assert not _aio._EARS[loop].is_listening(), "nothing is left behind in the loop"

    with held(host) as deferral:
        run(main(deferral.instance), factory)


def test_a_task_that_only_waits_for_an_instance_is_not_garbage(host: backstay.Host) -> None:
    async def main(deferral: backstay.Deferral) -> None:
        ended = asyncio.Event()

        async def waits() -> None:
            await deferral.instance
            ended.set()

        asyncio.ensure_future(waits())  # noqa: RUF006
        await asyncio.sleep(0)
        gc.collect()
        deferral.complete()
        await asyncio.wait_for(ended.wait(), 10)

    with held(host) as deferral:
        asyncio.run(main(deferral))


def test_ten_thousand_awaits_are_answered_by_other_threads(factory: LoopFactory) -> None:
    count = 10_000
    deferrals: list[backstay.Deferral] = []

    def entry(instance: backstay.Instance) -> None:
        deferrals.append(instance.get_deferral())

    async def main(host: backstay.Host) -> None:
        task = host.register("t", entry)
        waits = [asyncio.ensure_future(task.fire()) for _ in range(count)]
        await asyncio.sleep(0)
        threads = [threading.Thread(target=complete) for _ in range(4)]
        for thread in threads:
            thread.start()
        done = await asyncio.gather(*waits)
        for thread in threads:
            thread.join()
        assert len(done) == count and all(one.outcome is Outcome.SUCCEEDED for one in done)

    left = threading.Semaphore(count)

    def complete() -> None:
        while left.acquire(blocking=False):
            while True:
                try:
                    deferrals.pop().complete()
                    break
                except IndexError:
                    pass

    with backstay.Host() as host:
        run(main(host), factory)


def test_the_bell_of_a_loop_is_rung_without_the_interpreter(host: backstay.Host) -> None:
    class PollFd(ctypes.Structure):
        _fields_ = (("fd", ctypes.c_int), ("events", ctypes.c_short), ("revents", ctypes.c_short))

    async def main(instance: backstay.Instance) -> None:
        waits = asyncio.ensure_future(instance.cancellation())
        await asyncio.sleep(0)
        watched = PollFd(_aio._EARS[asyncio.get_running_loop()].bell.fileno(), select.POLLIN)
        # PyDLL keeps the interpreter during the call.
        assert ctypes.PyDLL(None).poll(ctypes.byref(watched), 1, 10_000) == 1
        assert await waits is CancelReason.EXECUTION_TIME_EXCEEDED

    with held(host, deadline=0.05) as deferral:
        asyncio.run(main(deferral.instance))


def test_without_a_running_loop_awaiting_is_refused(host: backstay.Host) -> None:
    with held(host) as deferral:
        for awaited in (deferral.instance, deferral.instance.cancellation()):
            with pytest.raises(RuntimeError, match="running event loop of asyncio"):
                awaited.__await__()


def test_the_end_of_a_host_is_awaited_while_the_loop_goes_on(factory: LoopFactory) -> None:
    went_on: list[str] = []

    async def main() -> None:
        async with backstay.Host() as host:
            asked = asyncio.Event()

            async def stands(instance: backstay.Instance) -> None:
                try:
                    await asked.wait()
                finally:
                    went_on.append("canceled")

            instance = host.register("t", stands).fire()
            assert await instance.checkpoint() is False
        assert host.state is backstay.HostState.CLOSED
        assert (await instance).canceled is CancelReason.TERMINATING

    run(main(), factory)


def test_a_drain_is_awaited_and_tells_who_is_left() -> None:
    async def main() -> None:
        async with backstay.Host() as host:
            go = asyncio.Event()

            async def stands(instance: backstay.Instance) -> None:
                await go.wait()

            host.register("t", stands).fire()
            report = await host.drain_async(0)
            assert [one.task for one in report.remaining] == ["t"]
            go.set()
            report = await host.drain_async(10)
            assert report.state is backstay.HostState.CLOSED and report.is_clean

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        asyncio.run(main())


def test_who_would_wait_for_its_own_coroutine_is_refused(placed: backstay.Host) -> None:
    async def run(instance: backstay.Instance) -> None:
        with pytest.raises(backstay.WouldDeadlock, match="its own coroutine"):
            await instance
        assert instance.host is placed
        for ends in (placed.shutdown_async(), placed.drain_async(0)):
            with pytest.raises(backstay.WouldDeadlock, match="same host"):
                await ends
        logs.append(asyncio.ensure_future(other(instance)))

    async def other(instance: backstay.Instance) -> None:
        assert (await instance).outcome is Outcome.SUCCEEDED
        ended.set()

    logs: list[object] = []
    ended = threading.Event()
    placed.register("t", run).fire().wait(10).check()
    assert ended.wait(10), "another task may wait, also one that it has begun"
    assert placed.state is backstay.HostState.OPEN


def test_those_who_wait_for_the_end_share_a_thread() -> None:
    async def main() -> None:
        host = backstay.Host()
        before = len(os.listdir("/proc/self/task"))
        for _ in range(20):
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(host.wait_async(), 0.001)
        assert len(os.listdir("/proc/self/task")) <= before + 1
        first, second = asyncio.ensure_future(host.wait_async()), asyncio.ensure_future(host.wait_async())
        await asyncio.sleep(0)
        assert (await host.shutdown_async()).state is backstay.HostState.CLOSED
        assert await first == await second == host.wait(0)

    asyncio.run(main())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there are no eager tasks")
def test_an_eager_coroutine_that_waits_for_itself_is_refused() -> None:
    async def run(instance: backstay.Instance) -> None:
        await instance

    async def main() -> None:
        asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)  # type: ignore[attr-defined]
        async with backstay.Host() as host:
            done = await host.register("t", run).fire()
            assert done.error_type == "WouldDeadlock"

    asyncio.run(main())
