"""Tables as other versions of the package would have them, put where extensions look for theirs."""

from __future__ import annotations

import ctypes

import backstay
from backstay import capi

_POINTER = ctypes.sizeof(ctypes.c_void_p)
_NAME = b"backstay._C_API"
_kept: list[object] = []

_new = ctypes.PYFUNCTYPE(ctypes.py_object, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)(
    ("PyCapsule_New", ctypes.pythonapi)
)


class Head(ctypes.Structure):
    """How a table begins, in every version."""

    _fields_ = [("major", ctypes.c_uint32), ("minor", ctypes.c_uint32), ("size", ctypes.c_size_t)]


def put(*, major: int = 0, minor: int = 0, entries: int = 0, name: bytes = _NAME) -> int:
    """A copy of the table with other numbers, by so much, and so many entries more or fewer; its address.

    What is added is NULL, and what is taken away is behind the copy's end.
    """
    real = Head.from_address(capi.address())
    size = real.size + entries * _POINTER
    copy = ctypes.create_string_buffer(size)
    ctypes.memmove(copy, capi.address(), min(size, real.size))
    head = Head.from_buffer(copy)
    head.major, head.minor, head.size = real.major + major, real.minor + minor, size
    _kept.extend([copy, name])
    backstay._C_API = _new(ctypes.addressof(copy), name, None)
    return ctypes.addressof(copy)
