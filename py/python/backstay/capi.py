"""The functions of C for programs without a compiler: by ``ctypes``, by ``cffi``, or by whatever else calls an address.

They are those of ``backstay.h`` in the copy of the library that this package has loaded, so a handle of one is good for
all, ``Instance.handle()`` too. The header, in the folder that ``backstay.get_include()`` names, is their manual.

With ``ctypes`` each function is declared by hand:

>>> import ctypes
>>> import backstay
>>> from backstay import capi
>>> class Handle(ctypes.Structure):                     # backstay_instance, _deferral, ...: all are the same
...     _fields_ = [("id", ctypes.c_uint64)]
>>> set_progress = ctypes.CFUNCTYPE(ctypes.c_int32, Handle, ctypes.c_uint32)(
...     capi.functions()["backstay_instance_set_progress"]
... )
>>> with backstay.Host() as host:
...     @host.task
...     def copy(instance):
...         print(set_progress(Handle(instance.handle()), 40), instance.progress)
...     done = copy.fire().wait(timeout=10)
0 40

With ``cffi`` the declarations come from here:

>>> import cffi
>>> ffi = cffi.FFI()
>>> ffi.cdef(capi.cdef())
>>> api = ffi.cast("const backstay_api *", capi.address())
>>> numbers = ffi.dlopen(None)                          # for the constants alone
>>> ffi.string(api.status_name(numbers.BACKSTAY_NOT_RUNNING))
b'NOT_RUNNING'

A callback of yours, such as the entry point in ``backstay_task_options``, must live until its ``destroy`` has run; keep
one without ``destroy`` for good. What it raises is printed and is no failure of the instance: return a status. A call
that waits does not see Ctrl-C. Close hosts that were opened in this way before the program ends: at its end the package
closes those of Python only, and a callback that comes later finds no interpreter.
"""

from __future__ import annotations

import ctypes
import os
import re

from . import _lib, get_include
from ._errors import BackstayError

__all__ = ["address", "cdef", "functions"]

# The table begins with two numbers of 32 bits, its version, and with its size.
_SIZE_AT = 8
_ENTRIES_AT = _SIZE_AT + ctypes.sizeof(ctypes.c_size_t)

# A function object of its own: the one in `ctypes.pythonapi` is everybody's.
_get_pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
    ("PyCapsule_GetPointer", ctypes.pythonapi)
)


def address() -> int:
    """Where the table of the functions is, a ``const backstay_api *``: good until the process ends."""
    found: int = _get_pointer(_lib._C_API, b"backstay._C_API")
    return found


def functions() -> dict[str, int]:
    """The address of every function in the table, by its name in ``backstay.h``, in the table's order.

    >>> list(functions())[:2]
    ['backstay_status_name', 'backstay_status_message']

    Raises BackstayError when the headers and the compiled half of the package are not of one version.
    """
    names: list[str] = re.findall(r"\(\*(\w+)\)\(", _table())
    table = address()
    size = ctypes.c_size_t.from_address(table + _SIZE_AT).value
    entries = (size - _ENTRIES_AT) // ctypes.sizeof(ctypes.c_void_p)
    if len(names) != entries:
        raise BackstayError(
            f"the table of C functions has {entries} entries, and its header in {get_include()} names {len(names)}; "
            "they are not of one version: install backstay anew"
        )
    addresses = (ctypes.c_size_t * entries).from_address(table + _ENTRIES_AT)
    return {f"backstay_{name}": found for name, found in zip(names, addresses)}


def cdef() -> str:
    """The constants and types of ``backstay.h``, and ``backstay_api``, as ``cffi.FFI.cdef()`` takes them.

    The functions are the members of ``backstay_api``, without the ``backstay_`` of their names.
    """
    header = _header("backstay.h")
    header = header.replace("INT64_MAX", str(2**63 - 1)).replace("INT64_MIN", str(-(2**63)))
    constants = re.findall(r"^#define (BACKSTAY_\w+) +\(?(-?\d+)\)?$", header, re.MULTILINE)
    types: list[str] = re.findall(
        r"^typedef (?:struct \w+ \{.*?^\}[^;]*|[^;{]*);", header, re.MULTILINE | re.DOTALL
    )
    return "\n".join([*(f"#define {name} {number}" for name, number in constants), *types, _table()])


def _table() -> str:
    """The declaration of the table."""
    found = re.search(
        r"^struct backstay_api \{.*?^\};\n", _header("backstay_table.h"), re.MULTILINE | re.DOTALL
    )
    assert found is not None
    return found[0]


def _header(name: str) -> str:
    """A header without its comments."""
    with open(os.path.join(get_include(), name), encoding="utf-8") as file:
        code = re.sub(r"/\*.*?\*/", "", file.read(), flags=re.DOTALL)
    return "".join(f"{line.rstrip()}\n" for line in code.splitlines())
