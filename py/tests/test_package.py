"""What the package ships: one root of exceptions, one table of words, headers, and the function table of C."""

from __future__ import annotations

import ctypes
import os
import pickle
import re

import backstay
import pytest
from backstay import _errors


def test_every_exception_is_under_the_root_and_has_a_status() -> None:
    exceptions = [
        value for value in vars(backstay).values() if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert len(exceptions) > 10
    for kind in exceptions:
        assert issubclass(kind, backstay.BackstayError)
        assert kind.status in backstay.Status.__members__
        if kind not in (backstay.BackstayError, backstay.TaskCanceled):
            assert len(kind.__mro__) > len(backstay.BackstayError.__mro__) + 1, (
                f"{kind} is no builtin as well"
            )


def test_exceptions_survive_pickling() -> None:
    error = _errors.error_for("TIMED_OUT", "too late", [])
    again = pickle.loads(pickle.dumps(error))
    assert (type(again), str(again)) == (backstay.TimedOut, "too late")


def test_the_words_are_those_of_the_header() -> None:
    with open(os.path.join(backstay.get_include(), "backstay.h"), encoding="utf-8") as file:
        header = file.read()
    defines = re.findall(r"#define BACKSTAY_(\w+) +\(?(-?\d+)\)?\s", header)
    numbers = {name: int(number) for name, number in defines}
    for status in backstay.Status:
        assert numbers[status.name] == status
    for prefix, words in {
        "WHEN_BUSY": backstay.WhenBusy,
        "IF_EXISTS": backstay.IfExists,
        "ON_SHUTDOWN": backstay.OnShutdown,
        "CAUSE": backstay.Cause,
        "COUNTER": backstay.Counter,
        "EVENT": backstay.EventKind,
        "FIRING": backstay.Firing,
        "WAITING_FOR": backstay.WaitingFor,
        "CANCEL": backstay.CancelReason,
        "STATE": backstay.State,
        "OUTCOME": backstay.Outcome,
        "HOST": backstay.HostState,
        "HOLDER": backstay.HolderKind,
    }.items():
        for word in words:
            assert numbers[f"{prefix}_{word.name}"] == word


def test_all_names_are_there() -> None:
    assert len(set(backstay.__all__)) == len(backstay.__all__)
    for name in backstay.__all__:
        assert hasattr(backstay, name)


def test_the_table_of_c_functions_is_in_the_capsule() -> None:
    pointer = ctypes.pythonapi.PyCapsule_GetPointer
    pointer.restype, pointer.argtypes = ctypes.c_void_p, [ctypes.py_object, ctypes.c_char_p]
    table = pointer(backstay._C_API, b"backstay._C_API")
    assert table is not None
    major, minor = (ctypes.c_uint32 * 2).from_address(table)
    size = ctypes.c_size_t.from_address(table + 8).value
    assert (major, minor) == (0, 1)
    assert size > 16 and size % ctypes.sizeof(ctypes.c_void_p) == 0
    name = ctypes.CFUNCTYPE(ctypes.c_char_p, ctypes.c_int32)(
        ctypes.c_void_p.from_address(table + 16).value or 0
    )
    assert name(-6) == b"NOT_RUNNING"


def test_a_borrowed_handle_is_the_same_each_time_and_ends_with_its_object() -> None:
    with backstay.Host() as host:
        instance = host.register("t", lambda instance: None).fire()
        assert instance.handle() == instance.handle() != 0
        assert backstay._lib._live_handles() == 1
        del instance
        assert backstay._lib._live_handles() == 0


def test_results_are_frozen() -> None:
    with backstay.Host() as host:
        done = host.register("t", lambda instance: None).fire().wait(10)
    with pytest.raises(AttributeError):
        done.progress = 1  # type: ignore[misc]


def test_a_word_prints_as_its_name() -> None:
    outcome = backstay.Outcome.SUCCEEDED
    assert (str(outcome), f"{outcome:>10}|{outcome}", outcome + 0) == ("SUCCEEDED", " SUCCEEDED|SUCCEEDED", 0)
    assert repr(outcome) == "<Outcome.SUCCEEDED: 0>"


def test_what_is_loaded_later_is_there_as_anything_else() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        backstay.nothing  # type: ignore[attr-defined]  # noqa: B018
    assert set(backstay.__all__) <= set(dir(backstay))
