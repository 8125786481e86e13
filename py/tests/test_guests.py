"""Hosts that somebody else opened, here C by ctypes: Python has all of them, but not their end (H2)."""

from __future__ import annotations

import ctypes
import gc
import threading
from collections.abc import Iterator

import backstay
import pytest
from backstay import Outcome, Status, capi
from processes import run

FUNCTIONS = capi.functions()


def c(name: str, *arguments: object) -> int:
    """Calls a function of C; numbers go as handles."""
    kinds = [ctypes.c_uint64 if isinstance(one, int) else ctypes.c_void_p for one in arguments]
    status: int = ctypes.CFUNCTYPE(ctypes.c_int32, *kinds)(FUNCTIONS[f"backstay_{name}"])(*arguments)
    return status


@pytest.fixture
def handle() -> Iterator[int]:
    """A host of C, which is shut down and released by C."""
    opened = ctypes.c_uint64()
    assert c("host_open", None, ctypes.byref(opened)) == Status.OK
    yield opened.value
    shutdown = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_uint64, ctypes.c_int64, ctypes.c_void_p)
    assert shutdown(FUNCTIONS["backstay_host_shutdown"])(opened.value, 10**10, None) == Status.OK
    assert c("host_release", opened.value) == Status.OK


def test_tasks_of_python_run_in_it(handle: int) -> None:
    host = backstay.Host.from_handle(handle)
    assert backstay.Host.from_handle(handle) is host
    seen: list[object] = []

    @host.task
    def plain(instance: backstay.Instance) -> None:
        seen.append((instance.details, instance.host is host))

    @host.task
    async def coroutine(instance: backstay.Instance) -> None:
        assert not await instance.checkpoint()
        seen.append(instance.details)

    assert plain.fire("sea").wait(10).outcome is Outcome.SUCCEEDED
    assert coroutine.fire("air").wait(10).outcome is Outcome.SUCCEEDED
    assert seen == [("sea", True), "air"]


def test_it_is_one_object_for_everybody(handle: int) -> None:
    # Also when nobody has it but a function that it keeps, which looks like garbage.
    def plug_in() -> backstay.Task:
        host = backstay.Host.from_handle(handle)
        return host.register("task", lambda instance: seen.append(instance.host is host))

    seen: list[bool] = []
    task = plug_in()
    gc.collect()
    assert task.fire().wait(10).outcome is Outcome.SUCCEEDED
    assert seen == [True]
    found = backstay.Host.from_handle(handle)
    assert found.state is backstay.HostState.OPEN and found.get_task("task") == task


def test_threads_that_come_at_once_get_one_object(handle: int) -> None:
    barrier = threading.Barrier(8)
    found: list[backstay.Host] = []

    def find() -> None:
        barrier.wait()
        found.append(backstay.Host.from_handle(handle))

    threads = [threading.Thread(target=find) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({id(host) for host in found}) == 1


def test_python_does_not_keep_it_open() -> None:
    """H2: neither the object does, nor a function of Python that has it."""
    opened = ctypes.c_uint64()
    assert c("host_open", None, ctypes.byref(opened)) == Status.OK
    host = backstay.Host.from_handle(opened.value)
    task = host.register("task", lambda instance: host.state)
    assert task.fire().wait(10).outcome is Outcome.SUCCEEDED
    assert c("host_release", opened.value) == Status.OK
    for call in (lambda: host.state, host.tasks, lambda: host.register("late", print), host.shutdown):
        with pytest.raises(backstay.Closed, match="let it go"):
            call()
    with pytest.raises(backstay.Closed):
        task.fire()
    assert "let go" in repr(host)


def test_a_share_that_c_has_keeps_the_hold(handle: int) -> None:
    """L5: the hold is dropped with the last of its handles, whichever language has that."""
    taken: list[backstay.Deferral] = []
    ready = threading.Event()

    def run(instance: backstay.Instance) -> None:
        taken.append(instance.get_deferral("shared"))
        ready.set()

    instance = backstay.Host.from_handle(handle).register("task", run).fire()
    assert ready.wait(10)
    given, share = taken.pop().detach(), ctypes.c_uint64()
    assert c("deferral_dup", given, ctypes.byref(share)) == Status.OK
    ours = backstay.Deferral.from_handle(given)
    # No ResourceWarning: nothing is lost.
    del ours
    gc.collect()
    (holder,) = instance.holders()
    assert holder.label == "shared"
    assert c("deferral_complete", share.value) == Status.OK
    assert instance.wait(10).dropped == ()


PRELUDE = """
import ctypes, sys, threading
import backstay
from backstay import capi
opened = ctypes.c_uint64()
kind = ctypes.CFUNCTYPE(ctypes.c_int32, ctypes.c_void_p, ctypes.c_void_p)
assert kind(capi.functions()["backstay_host_open"])(None, ctypes.byref(opened)) == 0
host = backstay.Host.from_handle(opened.value)
entered = threading.Event()
"""


def test_at_exit_its_python_tasks_are_asked_to_stop() -> None:
    status, out, err = run(
        """
def until_exit(instance):
    entered.set()
    instance.cancellation().wait(30)
    print("asked:", instance.canceled.name, flush=True)
begun = threading.Event()
async def coroutine(instance):
    begun.set()
    await instance.cancellation()
host.register("plain", until_exit).fire()
host.register("coroutine", coroutine).fire()
assert entered.wait(10) and begun.wait(10)
""",
        prelude=PRELUDE,
    )
    assert (status, out, err) == (0, "asked: ABORT\n", "")


def test_at_exit_one_that_is_held_on_is_named() -> None:
    status, out, err = run(
        """
def run(instance):
    global held
    held = instance.get_deferral()
    entered.set()
host.register("holds on", run, grace=0.2).fire()
host.register("ends", lambda instance: None).fire().wait(10)
assert entered.wait(10)
instance = held.instance
host._begin_exit()
# It is abandoned, like any other, when its grace is over.
assert instance.wait(10).outcome.name == "ABANDONED"
host2 = backstay.Host.from_handle(opened.value)
host2.suspend()
host2.register("never starts", print).fire()
""",
        prelude=PRELUDE,
    )
    assert (status, out) == (0, "")
    assert "at interpreter exit, abandoned: holds on" in err and "held by deferral without" not in err
    assert err.count("held by a deferral without a label from") == 1


def test_a_task_that_was_kept_is_not_pythons(handle: int) -> None:
    """G1: with if_exists=KEEP the task of others stays theirs, also when Python leaves."""
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    ffi.cdef(capi.cdef())
    api = ffi.cast("const backstay_api *", capi.address())
    run = ffi.callback("backstay_run_fn", lambda instance, user_data: 0)
    name = ffi.from_buffer(b"theirs")
    options = ffi.new(
        "backstay_task_options *", {"struct_size": ffi.sizeof("backstay_task_options"), "run": run}
    )
    options.name = ffi.new("backstay_str *", {"ptr": name, "len": len(name)})[0]
    task = ffi.new("backstay_task *")
    assert api.task_register((handle,), options, task, ffi.NULL) == Status.OK

    host = backstay.Host.from_handle(handle)
    kept = host.register("theirs", print, if_exists=backstay.IfExists.KEEP)
    host.register("ours", print)
    host._begin_exit()
    assert host.get_task("ours") is None and host.get_task("theirs") == kept and kept.registered
    kept.unregister()
    assert api.task_release(task[0]) == Status.OK
