"""The worst days, each in a process of its own: interpreter exit, Ctrl-C, signals."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap

import pytest

# Who runs the tests in the background may have Ctrl-C ignored, which a child inherits.
PRELUDE = """
import signal, sys, threading, time
signal.signal(signal.SIGINT, signal.default_int_handler)
import backstay
"""


def start(code: str) -> subprocess.Popen[str]:
    program = PRELUDE + textwrap.dedent(code)
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-c", program],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def run(code: str) -> tuple[int, str, str]:
    process = start(code)
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_an_open_host_is_shut_down_at_exit() -> None:
    status, out, err = run(
        """
        host = backstay.Host()
        entered = threading.Event()
        def run(instance):
            asked = threading.Event()
            instance.on_canceled(lambda reason: asked.set())
            entered.set()
            asked.wait()
            print("asked:", instance.canceled.name)
        host.register("t", run).fire()
        entered.wait()
        """
    )
    assert (status, out, err) == (0, "asked: TERMINATING\n", "")


@pytest.mark.parametrize("round", range(5))
def test_callbacks_in_flight_do_not_kill_the_process_at_exit(round: int) -> None:
    # They sleep, which lets the interpreter go: that is when an exit is dangerous.
    status, _, err = run(
        """
        host = backstay.Host(grace=5)
        def run(instance):
            for n in range(20):
                instance.progress = n
                time.sleep(0.001)
        task = host.register("t", run)
        task.on_progress(lambda seen: time.sleep(0.001))
        task.on_completed(lambda done: time.sleep(0.001))
        for _ in range(8):
            task.fire()
        """
    )
    assert (status, err) == (0, "")


def test_a_held_instance_is_named_at_exit() -> None:
    status, _, err = run(
        """
        host = backstay.Host(grace=0)
        held = []
        taken = threading.Event()
        def run(instance):
            held.append(instance.get_deferral("forgotten"))
            taken.set()
        host.register("t", run).fire()
        taken.wait()
        """
    )
    assert status == 0
    assert "at interpreter exit" in err and '"forgotten"' in err


@pytest.mark.parametrize("wait", ["instance.wait()", "host.flush()", "host.shutdown(600)", "host.drain(600)"])
def test_ctrl_c_ends_every_wait(wait: str) -> None:
    process = start(
        f"""
        host = backstay.Host(grace=0)
        held, taken, entered, leave = [], threading.Event(), threading.Event(), threading.Event()
        def run(instance):
            held.append(instance.get_deferral("kept"))
            taken.set()
        def stand(done):
            entered.set()
            leave.wait()
        task = host.register("t", run)
        instance = task.fire()
        taken.wait()
        if "flush" in {wait!r}:
            task.on_completed(stand)
            held[0].complete()
            entered.wait()
        try:
            print("waiting", flush=True)
            {wait}
        except KeyboardInterrupt:
            print("interrupted")
        leave.set()
        held.pop().complete()
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "interrupted\n", "")


def test_a_signal_handler_that_raises_nothing_lets_the_wait_go_on() -> None:
    process = start(
        """
        seen = threading.Event()
        signal.signal(signal.SIGTERM, lambda number, frame: seen.set())
        host = backstay.Host()
        def run(instance):
            seen.wait()
        instance = host.register("t", run).fire()
        print("waiting", flush=True)
        print(instance.wait().outcome.name)
        host.shutdown()
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "SUCCEEDED\n", "")


def test_a_forked_child_exits_at_once_and_leaves_its_parent_s_host_alone() -> None:
    status, out, err = run(
        """
        import os
        host = backstay.Host(grace=60)
        held, taken, leave = [], threading.Event(), threading.Event()
        def run(instance):
            held.append(instance.get_deferral("the parent's"))
            taken.set()
            leave.wait()
        instance = host.register("t", run).fire()
        taken.wait()
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            leave.set()
            held[0].complete()
            print(instance.wait().outcome.name)
        else:
            del host
        """
    )
    assert (status, out) == (0, "SUCCEEDED\n"), err


def test_a_deferral_that_dies_while_an_exception_is_on_its_way_harms_neither() -> None:
    status, out, err = run(
        """
        import warnings
        warnings.simplefilter("ignore")
        def takes(*arguments): ...
        def caught(instance):
            try:
                takes(instance.get_deferral("x"), 1 / 0)
            except ZeroDivisionError:
                print("caught")
        def raised(instance):
            takes(instance.get_deferral("x"), 1 / 0)
        with backstay.Host() as host:
            done = host.register("caught", caught).fire().wait(10)
            print(done.outcome.name, [holder.label for holder in done.dropped])
            done = host.register("raised", raised).fire().wait(10)
            print(done.outcome.name, done.error_type)
        """
    )
    assert (status, err) == (0, "")
    assert out == "caught\nSUCCEEDED ['x']\nFAILED ZeroDivisionError\n"


def test_a_forked_child_may_have_a_host_of_its_own() -> None:
    status, out, err = run(
        """
        import os
        busy, leave = threading.Event(), threading.Event()
        def run(instance):
            busy.set()
            leave.wait()
        host = backstay.Host()
        instance = host.register("t", run).fire()
        busy.wait()
        child = os.fork()
        if child:
            assert os.waitpid(child, 0)[1] == 0
            leave.set()
            print(instance.wait().outcome.name)
        else:
            own, entered = backstay.Host(grace=5), threading.Event()
            def until_exit(instance):
                asked = threading.Event()
                instance.on_canceled(lambda reason: asked.set())
                entered.set()
                asked.wait()
            own.register("t", until_exit).fire()
            entered.wait()
        """
    )
    assert (status, out, err) == (0, "SUCCEEDED\n", "")


@pytest.mark.parametrize("grace", ["float('inf')", "1e300"])
def test_a_grace_without_end_does_not_disturb_the_exit(grace: str) -> None:
    status, _, err = run(f"host = backstay.Host(grace={grace})")
    assert (status, err) == (0, "")


def test_asyncio_is_not_imported_before_it_is_used() -> None:
    status, out, _ = run("print('asyncio' in sys.modules, threading.active_count())")
    assert (status, out) == (0, "False 1\n")
