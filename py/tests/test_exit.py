"""Interpreter exit: bounded, with the status of the program, and a word only about what was left."""

from __future__ import annotations

import time

import pytest
from processes import run


def test_an_open_host_is_shut_down() -> None:
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


@pytest.mark.parametrize("round", range(3))
def test_callbacks_in_flight_end_first(round: int) -> None:
    # They sleep, which lets the interpreter go: that is when an exit is dangerous.
    status, _, err = run(
        """
        host = backstay.Host(grace=30)
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


def test_a_long_call_of_c_that_keeps_the_interpreter_ends_first() -> None:
    status, out, err = run(
        """
        host = backstay.Host(grace=30)
        entered = threading.Event()
        def run(instance):
            entered.set()
            print(sum(range(10_000_000)))
        host.register("t", run).fire()
        entered.wait()
        """
    )
    assert (status, out, err) == (0, "49999995000000\n", "")


NEVER = {
    "sleeping": "while True: time.sleep(0.001)",
    "computing": "while True: pass",
    "using us": "while True: host.state, host.get_task('t'), repr(host)",
    "waiting for a lock": "lock.acquire()",
    "waiting for us": "while True: wait()",
}


@pytest.mark.parametrize("never", NEVER)
def test_an_entry_point_that_never_ends_is_left_and_named(never: str) -> None:
    begun = time.monotonic()
    status, _, err = run(
        f"""
        host = backstay.Host(workers=2, grace=0)
        entered, deferrals = threading.Semaphore(0), []
        lock = threading.Lock()
        lock.acquire()
        def hold(instance):
            deferrals.append(instance.get_deferral("held"))
            entered.release()
        held = host.register("held", hold).fire()
        entered.acquire()
        def wait():
            try: held.wait(0.01)
            except backstay.TimedOut: pass
        def run(instance):
            entered.release()
            {NEVER[never]}
        host.register("endless", run).fire()
        entered.acquire()
        """
    )
    assert status == 0, err
    assert "abandoned: endless" in err and "1 call of entry points or handlers had not come back" in err
    assert time.monotonic() - begun < 30


def test_a_handler_that_never_ends_is_left_and_named() -> None:
    status, _, err = run(
        """
        host = backstay.Host(grace=0)
        entered = threading.Event()
        def stand(done):
            entered.set()
            while True: time.sleep(0.001)
        task = host.register("t", lambda instance: None)
        task.on_completed(stand)
        task.fire()
        entered.wait()
        """
    )
    assert status == 0, err
    assert "1 call of entry points or handlers had not come back" in err


def test_a_held_instance_is_named() -> None:
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


def test_a_held_instance_is_named_when_the_clock_stands_still() -> None:
    status, _, err = run(
        """
        host = backstay.Host(grace=0.1, manual_clock=True)
        held = []
        host.register("t", lambda instance: held.append(instance.get_deferral("forgotten"))).fire()
        host.flush()
        while not held: time.sleep(0.001)
        """
    )
    assert status == 0
    assert "at interpreter exit" in err and '"forgotten"' in err


def test_the_longest_grace_is_waited_for_once_and_not_for_each_host() -> None:
    begun = time.monotonic()
    status, _, err = run(
        """
        held, taken = [], threading.Semaphore(0)
        def run(instance):
            held.append(instance.get_deferral("held"))
            taken.release()
        hosts = [backstay.Host(workers=1, grace=1) for _ in range(40)]
        for host in hosts:
            host.register("t", run).fire()
            taken.acquire()
        """
    )
    assert (status, err.count("abandoned: t")) == (0, 40)
    assert time.monotonic() - begun < 20


def test_a_host_that_python_has_dropped_is_waited_for() -> None:
    status, out, err = run(
        """
        host = backstay.Host(grace=30)
        entered = threading.Event()
        def run(instance):
            entered.set()
            time.sleep(0.2)
            print("done")
        host.register("t", run).fire()
        entered.wait()
        del host
        """
    )
    assert (status, out, err) == (0, "done\n", "")


@pytest.mark.parametrize("grace", ["float('inf')", "1e300"])
def test_a_grace_without_end_does_not_disturb(grace: str) -> None:
    status, _, err = run(f"host = backstay.Host(grace={grace})")
    assert (status, err) == (0, "")


BUSY = """
host = backstay.Host(grace=30)
entered = threading.Event()
def run(instance):
    asked = threading.Event()
    instance.on_canceled(lambda reason: asked.set())
    entered.set()
    asked.wait()
    sys.exit(4)
host.register("t", run).fire()
entered.wait()
"""


@pytest.mark.parametrize(
    ("end", "status", "word"),
    [("", 0, ""), ("sys.exit(3)", 3, ""), ("sys.exit('told')", 1, "told"), ("1 / 0", 1, "ZeroDivisionError")],
)
def test_the_status_is_the_program_s_own(end: str, status: int, word: str) -> None:
    # Its entry point says sys.exit(4) at the end, which is an error of the instance and nothing more.
    got, _, err = run(BUSY + end)
    assert got == status
    assert word in err and "backstay" not in err


def test_system_exit_in_an_entry_point_is_its_error() -> None:
    status, out, err = run(
        """
        with backstay.Host() as host:
            done = host.register("t", lambda instance: sys.exit(4)).fire().wait(30)
            print(done.outcome.name, done.error, done.error_type)
        """
    )
    assert (status, out, err) == (0, "FAILED 4 SystemExit\n", "")


def test_daemon_threads_may_be_anywhere_inside() -> None:
    status, _, err = run(
        """
        from members import members
        host = backstay.Host(workers=2, grace=5)
        held, taken, begun = [], threading.Event(), threading.Semaphore(0)
        def run(instance):
            held.append(instance.get_deferral("held"))
            taken.set()
        task = host.register("t", run)
        instance = task.fire()
        instance.on_canceled(lambda reason: held[0].complete())
        taken.wait()
        # What ends something, and what makes ever more of something.
        others = ("shutdown", "drain", "register", "cancel", "complete", "fail", "with", "suspend", ".on_", ".fire")
        def hammer(thing):
            uses = [use for name, use in members(thing) if not any(other in name for other in others)]
            begun.release()
            while True:
                for use in uses:
                    try:
                        use()
                    except backstay.BackstayError:
                        pass
        things = (host, task, instance, held[0])
        for thing in things:
            threading.Thread(target=hammer, args=(thing,), daemon=True).start()
        for thing in things:
            begun.acquire()
        time.sleep(0.05)
        """
    )
    assert status == 0, err


def test_everything_may_be_alive_to_the_end() -> None:
    status, _, err = run(
        """
        class Owner:
            def __init__(self, *owned):
                self.owned, self.itself = owned, self
            def __del__(self):
                repr(self.owned)
        host = backstay.Host(grace=30)
        keep, taken = [], threading.Event()
        def run(instance):
            deferral = instance.get_deferral("in a circle")
            instance.on_canceled(lambda reason: deferral.complete())
            keep.append(Owner(deferral, instance, keep))
            taken.set()
        task = host.register("t", run)
        instance = task.fire(Owner())
        taken.wait()
        owner = Owner(host, task, instance, task.on_completed(lambda done: owner))
        """
    )
    assert (status, err) == (0, "")


def test_a_hook_that_runs_later_gets_clear_answers() -> None:
    status, out, err = run(
        """
        import atexit
        @atexit.register
        def after():
            try:
                host.register("late", print)
            except backstay.Closed as closed:
                print("closed")
            late = backstay.Host(grace=30)
            print(late.register("late", lambda instance: None).fire().wait(30).error)
        import backstay
        host = backstay.Host()
        """,
        prelude="",
    )
    assert (status, out, err) == (0, "closed\nthe Python interpreter is going down\n", "")


@pytest.mark.parametrize("stderr", ["None", "closed"])
def test_nobody_needs_to_listen(stderr: str) -> None:
    status, _, _ = run(
        f"""
        host = backstay.Host(grace=0)
        held = []
        task = host.register("t", lambda instance: held.append(instance.get_deferral("forgotten")))
        task.fire()
        while not held: time.sleep(0.001)
        closed = open("/dev/null", "w")
        closed.close()
        sys.stderr = {stderr}
        """
    )
    assert status == 0


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


def test_asyncio_is_not_imported_before_it_is_used() -> None:
    status, out, _ = run("print('asyncio' in sys.modules, threading.active_count())")
    assert (status, out) == (0, "False 1\n")


@pytest.mark.parametrize(
    "work",
    [
        "host = backstay.Host(executor=concurrent.futures.ThreadPoolExecutor(2)); host.register('t', stay).fire()",
        "host = backstay.Host(); host.register('t', coroutine).fire()",
    ],
)
def test_what_runs_in_a_pool_is_asked_to_stop_before_pools_are_waited_for(work: str) -> None:
    status, out, err = run(
        f"""
        import asyncio, concurrent.futures
        entered = threading.Event()
        def stay(instance):
            entered.set()
            print(instance.cancellation().wait(50).name)
        async def coroutine(instance):
            await asyncio.to_thread(stay, instance) if sys.version_info >= (3, 9) else None
        {work}
        entered.wait()
        """
    )
    assert (status, out, err) == (0, "TERMINATING\n", "")
