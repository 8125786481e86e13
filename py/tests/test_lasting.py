"""What Python knows of a thread of a host lasts as long as the thread, whatever becomes of the interpreter meanwhile."""

from __future__ import annotations

from pathlib import Path

import pytest
from extensions import build
from processes import run

# In programs of their own, since in a process that has lent a handle it is otherwise. A state of a thread has a number
# that no other one ever has.
STATE = """
import ctypes
api = ctypes.pythonapi
api.PyThreadState_Get.restype = ctypes.c_void_p
api.PyThreadState_GetID.restype = ctypes.c_uint64
api.PyThreadState_GetID.argtypes = [ctypes.c_void_p]
seen = []
def see(what):
    seen.append((api.PyThreadState_GetID(api.PyThreadState_Get()), threading.get_ident()))
"""


def test_a_worker_is_the_same_thread_to_python_from_one_job_to_the_next() -> None:
    status, out, err = run(
        f"""{STATE}
with backstay.Host(workers=1) as host:
    task = host.register("t", see)
    for _ in range(50):
        task.fire().wait(30).check()
print(len(seen), len(set(seen)))
"""
    )
    assert (status, out, err) == (0, "50 1\n", "")


def test_so_is_the_events_thread() -> None:
    status, out, err = run(
        f"""{STATE}
with backstay.Host(workers=1) as host:
    task = host.register("t", lambda instance: None)
    task.on_completed(see)
    for _ in range(50):
        task.fire()
        host.flush(30)
print(len(seen), len(set(seen)))
"""
    )
    assert (status, out, err) == (0, "50 1\n", "")


def test_what_a_job_leaves_on_its_thread_ends_with_the_thread() -> None:
    status, out, err = run(
        """
        here, ended = threading.local(), threading.Event()
        class Left:
            def __del__(self):
                ended.set()
        def leave(instance):
            here.left = Left()
        def look(instance):
            here.left, ended.is_set() and print("too early")
        with backstay.Host(workers=1) as host:
            host.register("leave", leave).fire().wait(30).check()
            looks = host.register("look", look)
            for _ in range(10):
                looks.fire().wait(30).check()
        # Nobody waits for that.
        print(ended.wait(30))
        """
    )
    assert (status, out, err) == (0, "True\n", "")


def test_a_host_may_be_lost_with_a_thread_of_another_one() -> None:
    # That ends an object of Python within the end of the thread's state, and more of them within that.
    status, out, err = run(
        """
        here, hosts = threading.local(), []
        def leave(instance):
            here.host = hosts.pop()
        for n in range(10):
            with backstay.Host(workers=1) as host:
                hosts.append(backstay.Host(workers=1))
                hosts[0].register("t", lambda instance: None).fire().wait(30).check()
                host.register("leave", leave).fire().wait(30).check()
        print("done")
        """
    )
    assert (status, out, err) == (0, "done\n", "")


# A worker and the events thread have something of their own that calls the package when it ends.
IDLE = """
here, kept, together = threading.local(), [], threading.Barrier(4)
class Left:
    def __init__(self, *left):
        self.left = left
    def __del__(self):
        # Where it ends with the interpreter, modules may be gone.
        if repr is not None:
            [repr(one) for one in self.left]
def leave(instance):
    here.left = Left(host, instance, instance.host.register(str(instance.id), print))
    together.wait(30)
def told(done):
    here.left = Left(host, done)
host = backstay.Host(workers=4, grace=30)
task = host.register("t", leave)
task.on_completed(told)
for instance in [task.fire() for _ in range(4)]:
    instance.wait(30).check()
host.flush(30)
"""


def test_an_exit_ends_idle_workers_and_what_they_have() -> None:
    assert run(IDLE) == (0, "", "")


@pytest.mark.parametrize("end", ["host.begin_shutdown(0)", "del host, task, instance"])
def test_an_exit_may_come_while_threads_end(end: str) -> None:
    # Most have left the host by then, and want the interpreter once more.
    status, _, err = run(
        f"""
        here = threading.local()
        def leave(instance):
            here.left = [instance]
        for _ in range(20):
            host = backstay.Host(workers=2)
            task = host.register("t", leave)
            task.on_completed(leave)
            instance = task.fire()
            instance.wait(30)
            {end}
        """
    )
    assert (status, err) == (0, "")


@pytest.mark.parametrize("code", ["while True: time.sleep(0.001)", "lock.acquire()", "while True: pass"])
def test_an_exit_leaves_a_stuck_worker_and_what_it_has(code: str) -> None:
    status, _, err = run(
        f"""
        here, lock, entered = threading.local(), threading.Lock(), threading.Semaphore(0)
        lock.acquire()
        host = backstay.Host(workers=2, grace=0)
        def idle(instance):
            here.left = instance
        def stuck(instance):
            here.left = [instance, instance.get_deferral("left on the thread")]
            entered.release()
            {code}
        host.register("idle", idle).fire().wait(30)
        host.register("stuck", stuck).fire()
        entered.acquire()
        """
    )
    assert status == 0, err
    assert "abandoned: stuck" in err and "1 call of entry points or handlers had not come back" in err


def test_a_child_made_by_fork_has_none_of_the_threads_and_drops_what_they_had() -> None:
    status, out, err = run(
        f"""{IDLE}
import os, signal
def hold(instance):
    here.left = held = instance.get_deferral("left on the thread")
    kept.append(held)
holding = host.register("hold", hold).fire()
while not kept: time.sleep(0.001)
host.flush(30)
child = os.fork()
if child == 0:
    signal.alarm(20)
    with backstay.Host() as own:
        own.register("t", lambda instance: None).fire().wait(15).check()
    sys.exit(0)
print(os.waitpid(child, 0)[1])
kept.pop().complete()
holding.wait(30).check()
"""
    )
    assert (status, out, err) == (0, "0\n", "")


def test_a_child_made_by_fork_while_a_thread_ends_ends_there() -> None:
    status, out, err = run(
        """
        import os
        here, children, over = threading.local(), [], threading.Event()
        class Forks:
            def __del__(self):
                child = os.fork()
                if child:
                    children.append(child)
                    over.set()
        def leave(instance):
            here.left = Forks()
        with backstay.Host(workers=1) as host:
            host.register("t", leave).fire().wait(30).check()
        over.wait(30)
        print([os.waitpid(child, 0)[1] for child in children])
        """,
    )
    assert (status, out) == (0, "[256]\n"), err
    assert err.count("came back from it") == 1


def test_a_thread_that_begins_keeps_no_task_of_c_waiting_for_the_interpreter(tmp_path: Path) -> None:
    build(tmp_path, "detached", ["detached.c"])
    status, out, err = run(
        f"""
        sys.path.insert(0, {str(tmp_path)!r})
        import detached
        with backstay.Host(workers=2) as host:
            print(detached.run_attached(host.handle()))
        """
    )
    assert (status, out, err) == (0, "(1, 0)\n", "")
