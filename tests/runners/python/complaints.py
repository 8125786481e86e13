"""What Python says beside the play: warnings, and exceptions that it could give to nobody."""

from __future__ import annotations

import sys
import warnings
from types import TracebackType
from typing import TYPE_CHECKING

from trouble import Wrong

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

    from typing_extensions import Self


class Complaints:
    """Hears every complaint while a file is played: a good file has only those of the deferrals that it drops."""

    def __init__(self) -> None:
        self._catching = warnings.catch_warnings(record=True)
        self._warnings: list[warnings.WarningMessage] = []
        self._unraisable: list[str] = []

    def __enter__(self) -> Self:
        self._warnings = self._catching.__enter__()
        warnings.simplefilter("always")
        self._hook, sys.unraisablehook = sys.unraisablehook, self._hear
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        sys.unraisablehook = self._hook
        self._catching.__exit__(kind, error, traceback)

    def take_dropped(self, label: str, *, was_pending: bool) -> None:
        """A pending deferral of that label was dropped: Python has said so once, and of no other (L5)."""
        expected = int(was_pending)
        heard = [warning for warning in self._warnings if _is_of(warning, label)]
        if len(heard) != expected:
            raise Wrong(f'expected {expected} ResourceWarning of "{label}", saw {len(heard)}')
        for warning in heard:
            self._warnings.remove(warning)

    def check(self) -> None:
        """There is no complaint that was not taken."""
        heard = [f"{warning.category.__name__}: {warning.message}" for warning in self._warnings]
        heard += self._unraisable
        if heard:
            raise Wrong(f"expected no complaint of Python, saw {'; '.join(heard)}")

    def _hear(self, said: UnraisableHookArgs) -> None:
        # What it is about is not kept, since that would keep it alive.
        self._unraisable.append(f"{said.exc_type.__name__}: {said.exc_value} ({said.err_msg})")


def _is_of(warning: warnings.WarningMessage, label: str) -> bool:
    return warning.category is ResourceWarning and f'"{label}"' in str(warning.message)
