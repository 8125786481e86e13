"""Tracebacks of kept exceptions: the same lines, without the frames.

A frame has the variables of its function, and from CPython 3.11 on, whatever is cleared, the function and what that
closes over. Among these may be a deferral of the instance that failed, which would never be dropped, or the instance
itself, which keeps the exception: a circle that no garbage collector sees whole.
"""

from __future__ import annotations

import builtins
from types import CodeType, FrameType, FunctionType, TracebackType

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Generator

#: A chain of exceptions may be a circle; no honest one is this long.
_LONGEST = 1000
#: Groups of exceptions; there are none before 3.11.
_GROUPS: list[type] = [kind for kind in (getattr(builtins, "BaseExceptionGroup", None),) if kind]
_KNOWN: tuple[str, ...] = ("__name__", "__file__", "__loader__", "__spec__")


def without_frames(exception: BaseException) -> None:
    """Give the exception, and those that it came from, tracebacks that print the same and keep nothing alive."""
    seen: set[int] = set()
    pending: list[BaseException | None] = [exception]
    while pending and len(seen) < _LONGEST:
        one = pending.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        # An exception may refuse to have its attributes set.
        BaseException.with_traceback(one, _copy(one.__traceback__))
        pending += [one.__context__, one.__cause__]
        if any(isinstance(one, kind) for kind in _GROUPS):
            pending += getattr(one, "exceptions", ())


def _copy(traceback: TracebackType | None) -> TracebackType | None:
    lines: list[TracebackType] = []
    while traceback is not None:
        lines.append(traceback)
        traceback = traceback.tb_next
    copied: TracebackType | None = None
    for line in reversed(lines):
        # Without a position in the code: that of the original means nothing in the copy.
        copied = TracebackType(copied, _frame(line.tb_frame), -1, line.tb_lineno)
    return copied


def _frame(frame: FrameType) -> FrameType:
    """A frame with the same name in the same file, of a generator that never starts: nobody called it."""
    code, globals_ = frame.f_code, frame.f_globals
    copy = _TEMPLATE.replace(
        co_filename=code.co_filename, co_name=code.co_name, co_firstlineno=code.co_firstlineno
    )
    # What `traceback` and `linecache` look for to find the source.
    known: dict[str, object] = {name: globals_[name] for name in _KNOWN if name in globals_}
    return FunctionType(copy, known)().gi_frame  # type: ignore[no-any-return]


def _template() -> Generator[None, None, None]:
    yield


_TEMPLATE: CodeType = _template.__code__
