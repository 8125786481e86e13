"""Signals: the main thread answers Ctrl-C in every wait, and no other thread needs to."""

from __future__ import annotations

import signal
import time

import pytest
from processes import interrupt, start

HELD = """
host = backstay.Host(workers=2, grace=30)
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
def end():
    leave.set()
    held.pop().complete()
"""


def program(wait: str, before: str = "") -> str:
    return f"""{HELD}{before}
try:
    print("waiting", flush=True)
    {wait}
except KeyboardInterrupt:
    print("interrupted")
end()
"""


@pytest.mark.parametrize(
    "wait",
    [
        "instance.wait()",
        "instance.wait(600)",
        "instance.wait(float('inf'))",
        "host.shutdown(600)",
        "host.drain(600)",
    ],
)
def test_ctrl_c_ends_every_wait(wait: str) -> None:
    process = start(program(wait))
    begun = time.monotonic()
    assert interrupt(process) == (0, "interrupted\n", "")
    assert time.monotonic() - begun < 5


def test_ctrl_c_ends_a_flush() -> None:
    stands = "task.on_completed(stand)\nheld[0].complete()\nentered.wait()"
    assert interrupt(start(program("host.flush()", stands))) == (0, "interrupted\n", "")


def test_ctrl_c_ends_the_wait_at_the_end_of_a_block() -> None:
    process = start(
        """
        held = []
        def run(instance):
            held.append(instance.get_deferral("kept"))
            instance.on_canceled(lambda reason: print("waiting", flush=True))
        try:
            with backstay.Host(grace=600) as host:
                host.register("t", run).fire()
                while not held: time.sleep(0.001)
        except KeyboardInterrupt:
            print("interrupted")
        held.pop().complete()
        """
    )
    assert interrupt(process) == (0, "interrupted\n", "")


def test_ctrl_c_ends_the_wait_at_exit() -> None:
    process = start(
        """
        host = backstay.Host(grace=600)
        held = []
        def run(instance):
            held.append(instance.get_deferral("forgotten"))
            instance.on_canceled(lambda reason: print("waiting", flush=True))
        host.register("t", run).fire()
        while not held: time.sleep(0.001)
        """
    )
    begun = time.monotonic()
    status, out, err = interrupt(process)
    assert (status, out) == (0, "")
    assert "Traceback" not in err and "1 abandoned" in err and '"forgotten"' in err
    assert time.monotonic() - begun < 5


def test_ctrl_c_is_answered_when_another_thread_imported_threading() -> None:
    # It takes itself for the main thread then, before 3.13.
    imports_first = """
import _thread, signal
def imports():
    import threading
    imported.release()
imported = _thread.allocate_lock()
imported.acquire()
_thread.start_new_thread(imports, ())
imported.acquire()
signal.signal(signal.SIGINT, signal.default_int_handler)
import threading, backstay
"""
    status, out, _ = interrupt(start(program("instance.wait()"), prelude=imports_first))
    assert (status, out) == (0, "interrupted\n")


def test_ctrl_c_is_answered_by_the_main_thread_that_a_fork_made() -> None:
    # In the child the thread that forked, a worker of the parent's, is the main one.
    process = start(
        """
        import os
        host = backstay.Host(workers=2, grace=0)
        def forks(instance):
            child = os.fork()
            if child:
                assert os.waitpid(child, 0)[1] == 0
                return
            own, held = backstay.Host(grace=0), []
            waits = own.register("t", lambda instance: held.append(instance.get_deferral("kept"))).fire()
            while not held: time.sleep(0.001)
            threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
            try:
                waits.wait()
            except KeyboardInterrupt:
                os._exit(0)
            os._exit(1)
        print("waiting", flush=True)
        done = host.register("forks", forks).fire().wait(50)
        print(done.outcome.name, done.error)
        """
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "waiting\n"
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (0, "SUCCEEDED None\n", "")


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
    assert interrupt(process, signal.SIGTERM) == (0, "SUCCEEDED\n", "")


def test_what_a_signal_handler_raises_ends_the_wait() -> None:
    process = start(
        "class Told(Exception): pass\n"
        "def tell(number, frame): raise Told\n"
        "signal.signal(signal.SIGTERM, tell)\n"
        + program("instance.wait()").replace("KeyboardInterrupt", "Told")
    )
    assert interrupt(process, signal.SIGTERM) == (0, "interrupted\n", "")


def test_a_thread_off_the_main_one_waits_on() -> None:
    process = start(
        HELD
        + """
done = threading.Event()
def waits():
    print(instance.wait(50).outcome.name)
    done.set()
threading.Thread(target=waits).start()
try:
    print("waiting", flush=True)
    done.wait()
except KeyboardInterrupt:
    held.pop().complete()
    done.wait()
    print("interrupted")
"""
    )
    assert interrupt(process) == (0, "SUCCEEDED\ninterrupted\n", "")


def test_a_thread_off_the_main_one_sees_its_own_timeout() -> None:
    process = start(
        HELD
        + """
def waits():
    try:
        instance.wait(0.2)
    except backstay.TimedOut as error:
        print(error)
waiting = threading.Thread(target=waits)
waiting.start()
waiting.join()
held.pop().complete()
"""
    )
    out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (0, "")
    assert "200" in out or "0.2" in out
