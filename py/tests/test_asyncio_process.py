"""asyncio at its worst, each in a process of its own: interpreter exit, Ctrl-C, debug mode, nothing imported too early."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

# Who runs the tests in the background may have Ctrl-C ignored, which a child inherits.
PRELUDE = """
import signal, sys, threading
signal.signal(signal.SIGINT, signal.default_int_handler)
import backstay
"""


def start(code: str, *options: str) -> subprocess.Popen[str]:
    """Run code in an interpreter in which every warning is an error."""
    program = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-W", "error", *options, "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str, *options: str) -> tuple[int, str, str]:
    """How it ended and what it said."""
    process = start(code, *options)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_asyncio_is_imported_with_the_first_coroutine_function_only() -> None:
    status, out, err = run(
        """
        with backstay.Host() as host:
            host.register("t", lambda instance: instance.checkpoint()).fire().wait().check()
            print("asyncio" in sys.modules)
            async def run(instance): ...
            host.register("async", run).fire().wait().check()
            print("asyncio" in sys.modules)
        """
    )
    assert (status, out, err) == (0, "False\nTrue\n", "")


@pytest.mark.parametrize("round", range(3))
def test_exit_cancels_the_coroutines_on_a_loop_of_the_host_s_own(round: int) -> None:
    status, out, err = run(
        """
        import asyncio
        host = backstay.Host()
        entered = threading.Event()
        async def run(instance):
            entered.set()
            try:
                await asyncio.sleep(1000)
            except asyncio.CancelledError:
                print("asked:", instance.canceled.name, flush=True)
                raise
        async def side():
            try:
                await asyncio.sleep(1000)
            finally:
                print("ended", flush=True)
        async def first(instance):
            kept.append(asyncio.ensure_future(side()))
            await run(instance)
        kept = []
        host.register("t", first).fire()
        entered.wait()
        """
    )
    assert (status, out, err) == (0, "asked: TERMINATING\nended\n", "")


def test_exit_does_not_wait_for_a_coroutine_that_never_comes_back() -> None:
    status, out, err = run(
        """
        import time
        host = backstay.Host(grace=0.1)
        entered = threading.Event()
        async def run(instance):
            entered.set()
            while True:
                time.sleep(0.01)
        host.register("t", run).fire()
        entered.wait()
        """
    )
    assert (status, out) == (0, "")
    assert "at interpreter exit" in err and "the entry point" in err


def test_exit_with_coroutines_on_a_loop_that_is_closed_says_nothing() -> None:
    status, out, err = run(
        """
        import asyncio
        loop = asyncio.new_event_loop()
        host = backstay.Host(loop=loop)
        async def run(instance):
            await loop.create_future()
        instance = host.register("t", run).fire()
        async def main():
            while not asyncio.all_tasks() - {asyncio.current_task()}:
                await asyncio.sleep(0.001)
        loop.run_until_complete(main())
        loop.close()
        print(instance.wait(10).error)
        """
    )
    assert (status, out, err) == (0, "the event loop ended before the coroutine was done\n", "")


def test_exit_with_coroutines_on_a_loop_that_nobody_runs_gives_up_after_the_grace() -> None:
    status, out, err = run(
        """
        import asyncio
        loop = asyncio.new_event_loop()
        host = backstay.Host(loop=loop, grace=0.1)
        async def run(instance): ...
        instance = host.register("t", run).fire()
        while instance.state is backstay.State.PENDING:
            pass
        loop.close
        """
    )
    assert status == 0
    assert out == ""
    assert "1 abandoned" in err


@pytest.mark.parametrize("factory", ["asyncio", "uvloop"])
def test_ctrl_c_ends_asyncio_run_and_the_host_in_it(factory: str) -> None:
    pytest.importorskip(factory)
    process = start(
        f"""
        import asyncio, {factory}
        async def main():
            async with backstay.Host() as host:
                entered = asyncio.Event()
                async def run(instance):
                    entered.set()
                    try:
                        await asyncio.sleep(1000)
                    finally:
                        print("ended", flush=True)
                instance = host.register("t", run).fire()
                await entered.wait()
                print("waiting", flush=True)
                await instance
        try:
            if {factory!r} == "uvloop" and sys.version_info < (3, 12):
                uvloop.install()
                asyncio.run(main())
            else:
                {factory}.run(main())
        except KeyboardInterrupt:
            print("interrupted", threading.active_count(), flush=True)
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "ended\ninterrupted 1\n", "")


def test_ctrl_c_in_the_middle_of_a_coroutine_is_the_program_s_too() -> None:
    process = start(
        """
        import asyncio, time
        loop = asyncio.new_event_loop()
        host = backstay.Host(loop=loop)
        async def run(instance):
            print("busy", flush=True)
            while True:
                time.sleep(0.001)
        instance = host.register("t", run).fire()
        try:
            loop.run_forever()
        except KeyboardInterrupt:
            print("interrupted")
        done = instance.wait(10)
        print(done.outcome.name, done.error_type)
        loop.close()
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "busy\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "interrupted\nFAILED KeyboardInterrupt\n", "")


def test_ctrl_c_on_the_main_thread_leaves_a_loop_of_the_host_s_own_alone() -> None:
    process = start(
        """
        import asyncio
        with backstay.Host() as host:
            async def run(instance):
                print("waiting", flush=True)
                await asyncio.sleep(1000)
            instance = host.register("t", run).fire()
            try:
                instance.wait()
            except KeyboardInterrupt:
                print(instance.state.name)
        print(instance.wait(0).outcome.name)
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "RUNNING\nCANCELED\n", "")


def test_debug_mode_has_nothing_to_say() -> None:
    status, out, err = run(
        """
        import asyncio
        async def main():
            # A slow machine is nothing to tell of.
            asyncio.get_running_loop().slow_callback_duration = 100
            async with backstay.Host() as host:
                async def run(instance):
                    async with instance.get_deferral("part"):
                        await instance.checkpoint()
                    await asyncio.sleep(0)
                task = host.register("t", run)
                done = await asyncio.gather(*[task.fire() for _ in range(100)])
                print({one.outcome.name for one in done})
                async def stands(instance):
                    await asyncio.sleep(1000)
                host.register("stands", stands).fire()
        asyncio.run(main(), debug=True)
        with backstay.Host() as host:
            async def fine(instance):
                asyncio.get_running_loop().slow_callback_duration = 100
            print(host.register("t", fine).fire().wait(10).outcome.name)
        """,
        "-X",
        "dev",
    )
    assert (status, out, err) == (0, "{'SUCCEEDED'}\nSUCCEEDED\n", "")


def test_a_forked_child_may_have_coroutines_of_its_own() -> None:
    status, out, err = run(
        """
        import os, warnings
        warnings.simplefilter("ignore", DeprecationWarning)
        async def run(instance): ...
        host = backstay.Host()
        host.register("t", run).fire().wait(10).check()
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            host.register("u", run).fire().wait(10).check()
            print("parent")
        else:
            with backstay.Host() as own:
                own.register("t", run).fire().wait(10).check()
            try:
                host.register("x", run)
            except backstay.Forked:
                print("child", flush=True)
        """
    )
    assert (status, out, err) == (0, "child\nparent\n", "")
