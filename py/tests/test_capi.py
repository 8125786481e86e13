"""The functions of C without a compiler: whole programs by ctypes and by cffi, and the list of what there is."""

from __future__ import annotations

import ctypes
import os
import re
import threading
from typing import Any

import backstay
import pytest
from backstay import _lib, capi
from processes import run

SOON = 10_000_000_000


class Handle(ctypes.Structure):
    _fields_ = [("id", ctypes.c_uint64)]


class Str(ctypes.Structure):
    _fields_ = [("ptr", ctypes.c_char_p), ("len", ctypes.c_size_t)]


RUN = ctypes.CFUNCTYPE(ctypes.c_int32, Handle, ctypes.c_void_p)
DESTROY = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class TaskOptions(ctypes.Structure):
    _fields_ = [
        ("struct_size", ctypes.c_uint32),
        ("trigger", ctypes.c_uint32),
        ("name", Str),
        ("group", Str),
        ("event", Str),
        ("period_ns", ctypes.c_int64),
        ("deadline_ns", ctypes.c_int64),
        ("grace_ns", ctypes.c_int64),
        ("conditions", ctypes.POINTER(Str)),
        ("condition_count", ctypes.c_size_t),
        ("cancel_on_condition_loss", ctypes.c_bool),
        ("when_busy", ctypes.c_uint32),
        ("max_running", ctypes.c_uint32),
        ("max_pending", ctypes.c_uint32),
        ("max_failures", ctypes.c_uint32),
        ("if_exists", ctypes.c_uint32),
        ("on_shutdown", ctypes.c_uint32),
        ("language", ctypes.c_uint32),
        ("line", ctypes.c_uint32),
        ("file", ctypes.c_char_p),
        ("run", RUN),
        ("user_data", ctypes.c_void_p),
        ("destroy", DESTROY),
    ]


def function(name: str, *arguments: Any) -> Any:
    """A function that answers with a status, for ctypes."""
    return ctypes.CFUNCTYPE(ctypes.c_int32, *arguments)(capi.functions()[f"backstay_{name}"])


def test_a_program_by_ctypes() -> None:
    pointer = ctypes.POINTER(Handle)
    get_deferral = function("instance_get_deferral", Handle, Str, pointer)
    complete = function("deferral_complete", Handle)
    wait = function("instance_wait", Handle, ctypes.c_int64, ctypes.c_void_p)
    held, taken, ended = Handle(), threading.Event(), threading.Event()

    def entry_point(instance: Handle, user_data: int) -> int:
        status: int = get_deferral(instance, Str(b"upload", 6), held)
        taken.set()
        return status

    def destroy(user_data: int) -> None:
        ended.set()

    run_fn, destroy_fn = RUN(entry_point), DESTROY(destroy)
    before = _lib._live_handles()
    host, task, instance = Handle(), Handle(), Handle()
    options = TaskOptions(ctypes.sizeof(TaskOptions), name=Str(b"copy", 4), run=run_fn, destroy=destroy_fn)
    assert function("host_open", ctypes.c_void_p, pointer)(None, host) == 0
    register = function("task_register", Handle, ctypes.POINTER(TaskOptions), pointer, ctypes.c_void_p)
    assert register(host, options, task, None) == 0
    assert function("task_fire", Handle, ctypes.c_void_p, pointer)(task, None, instance) == 0
    assert taken.wait(10)
    assert wait(instance, 0, None) == backstay.Status.TIMED_OUT
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.extend([complete(held), complete(held)]))
    thread.start()
    thread.join(10)
    assert statuses == [backstay.Status.OK, backstay.Status.ALREADY_COMPLETED]
    assert wait(instance, SOON, None) == 0
    assert function("host_shutdown", Handle, ctypes.c_int64, ctypes.c_void_p)(host, SOON, None) == 0
    assert function("instance_release", Handle)(instance) == 0
    assert function("task_release", Handle)(task) == 0
    assert function("host_release", Handle)(host) == 0
    assert ended.wait(10)
    live_handles = ctypes.CFUNCTYPE(ctypes.c_uint64)(capi.functions()["backstay_live_handles"])
    assert live_handles() == _lib._live_handles() == before


def test_a_program_by_cffi() -> None:
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    ffi.cdef(capi.cdef())
    api = ffi.cast("const backstay_api *", capi.address())
    numbers = ffi.dlopen(None)
    held, taken = ffi.new("backstay_deferral *"), threading.Event()
    label, name = ffi.new("char[]", b"upload"), ffi.new("char[]", b"copy")

    @ffi.callback("backstay_run_fn")  # type: ignore[untyped-decorator]
    def entry_point(instance: Any, user_data: Any) -> int:
        status: int = api.instance_get_deferral(instance, (label, 6), held)
        taken.set()
        return status

    before = api.live_handles()
    host, task = ffi.new("backstay_host *"), ffi.new("backstay_task *")
    instance = ffi.new("backstay_instance *")
    options = ffi.new("backstay_task_options *")
    options.struct_size = ffi.sizeof("backstay_task_options")
    options.name = (name, 4)
    options.run = entry_point
    error = ffi.new("backstay_error *", {"struct_size": ffi.sizeof("backstay_error")})
    assert api.host_open(ffi.NULL, host) == numbers.BACKSTAY_OK
    assert api.task_register(host[0], options, task, error) == 0, ffi.string(error.text)
    assert api.task_fire(task[0], ffi.NULL, instance) == 0
    assert taken.wait(10)
    assert api.instance_wait(instance[0], 0, ffi.NULL) == numbers.BACKSTAY_TIMED_OUT
    statuses: list[int] = []
    thread = threading.Thread(target=lambda: statuses.append(api.deferral_complete(held[0])))
    thread.start()
    thread.join(10)
    assert statuses == [0]
    done = ffi.new("backstay_completion *", {"struct_size": ffi.sizeof("backstay_completion")})
    assert api.instance_wait(instance[0], numbers.BACKSTAY_FOREVER, done) == 0
    assert done.outcome == numbers.BACKSTAY_OUTCOME_SUCCEEDED
    assert ffi.string(done.task.ptr, done.task.len) == b"copy"
    assert api.host_shutdown(host[0], SOON, ffi.NULL) == 0
    for release, handle in (
        (api.instance_release, instance),
        (api.task_release, task),
        (api.host_release, host),
    ):
        assert release(handle[0]) == 0
    assert api.live_handles() == before


def test_an_instance_of_python_by_its_handle(clock: backstay.Host) -> None:
    entered, leave = threading.Event(), threading.Event()

    def entry_point(instance: backstay.Instance) -> None:
        entered.set()
        leave.wait(10)

    instance = clock.register("t", entry_point).fire()
    assert entered.wait(10)
    handle, progress = Handle(instance.handle()), ctypes.c_uint32()
    pointer = ctypes.POINTER(ctypes.c_uint32)
    assert function("instance_set_progress", Handle, ctypes.c_uint32)(handle, 40) == 0
    assert instance.progress == 40
    assert function("instance_get_progress", Handle, pointer)(handle, progress) == 0
    assert progress.value == 40
    assert function("instance_cancel", Handle, ctypes.c_uint32)(handle, backstay.CancelReason.ABORT) == 0
    assert instance.canceled is backstay.CancelReason.ABORT
    leave.set()
    assert instance.wait(10).outcome is backstay.Outcome.CANCELED
    del instance
    assert (
        function("instance_set_progress", Handle, ctypes.c_uint32)(handle, 50) == backstay.Status.STALE_HANDLE
    )


def header(name: str) -> str:
    with open(os.path.join(backstay.get_include(), name), encoding="utf-8") as file:
        return file.read()


def test_the_list_has_every_function_of_the_header() -> None:
    declared = re.findall(
        r"^(?!#|typedef|extern)\w[\w *]*?(backstay_\w+)\(", header("backstay.h"), re.MULTILINE
    )
    functions = capi.functions()
    assert len(declared) > 100
    # The one that gives the table is not in it.
    assert set(functions) == {*declared} - {"backstay_get_api"}
    assert all(functions.values()) and len({*functions.values()}) == len(functions)


def test_the_names_are_those_of_the_addresses() -> None:
    functions = capi.functions()
    name = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int32)(functions["backstay_status_name"])
    version = ctypes.CFUNCTYPE(ctypes.c_char_p)(functions["backstay_version"])
    assert (name(backstay.Status.NOT_RUNNING), version()) == (b"NOT_RUNNING", backstay.__version__.encode())
    # One of the last, whose place nothing before it may have shifted.
    assert function("job_release", Handle)(Handle(0)) == backstay.Status.OK
    assert function("job_run", Handle)(Handle(0)) == backstay.Status.INVALID_HANDLE


def test_every_constant_and_type_is_declared() -> None:
    cffi = pytest.importorskip("cffi")
    ffi = cffi.FFI()
    ffi.cdef(capi.cdef())
    numbers = ffi.dlopen(None)
    constants = re.findall(r"^#define (BACKSTAY_\w+) +[(\d-]", header("backstay.h"), re.MULTILINE)
    assert len(constants) > 100
    for constant in constants:
        assert isinstance(getattr(numbers, constant), int)
    assert (numbers.BACKSTAY_NO_TIME, numbers.BACKSTAY_FOREVER) == (-(2**63), 2**63 - 1)
    types = re.findall(
        r"^(?:typedef .*?(?:\(\*)?|\} )(backstay_\w+)(?:\)\(.*)?;", header("backstay.h"), re.MULTILINE
    )
    assert len(types) > 40
    assert {*types} == {*ffi.list_types()[0]}
    size = ctypes.c_size_t.from_address(capi.address() + 8).value
    assert ffi.sizeof("backstay_api") == size


def test_headers_of_another_version_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    count, table = len(capi.functions()), capi._table()
    longer = table.replace("};", "    backstay_status (*later)(void);\n};")
    monkeypatch.setattr(capi, "_table", lambda: longer)
    with pytest.raises(
        backstay.BackstayError, match=f"has {count} entries, and its header .* names {count + 1}; .*anew"
    ):
        capi.functions()


def test_the_table_outlives_the_package() -> None:
    # Nothing ends the table when the capsule goes; threads of an extension may still use it.
    get_destructor = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object)(
        ("PyCapsule_GetDestructor", ctypes.pythonapi)
    )
    assert get_destructor(backstay._C_API) is None


def test_it_is_loaded_when_it_is_asked_for() -> None:
    code = """
    print("backstay.capi" in sys.modules, "ctypes" in sys.modules)
    from backstay import capi
    print(len(capi.functions()) > 100)
    """
    assert run(code) == (0, "False False\nTrue\n", "")
