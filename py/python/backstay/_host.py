"""The host: the compiled one, with what is better said in Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from types import TracebackType
from typing import TYPE_CHECKING, Any

from . import _lib

if TYPE_CHECKING:
    from typing_extensions import Self


class Host(_lib.Host):
    """Owns tasks, workers and a clock. Usable from any thread.

    As a context manager it is shut down at the end of the block, with its grace. A host that is dropped begins to shut
    down, and nobody waits for it; one that is open when the interpreter exits is shut down with at most its grace (H2).

    :param workers: how many entry points may run at once; as many as the machine has cores by default, and at least 2.
    :param grace: how long, in seconds, a cancelled instance may take before it is abandoned (C6).
    :param manual_clock: time moves only by :meth:`advance`; for tests (H5).
    """

    def __init__(
        self,
        *,
        workers: int | None = None,
        grace: float | timedelta = 5.0,
        manual_clock: bool = False,
    ) -> None:
        # The settings went to __new__; this is for subclasses, which call it with the same ones.
        super().__init__()

    def task(
        self, *, name: str | None = None, **options: Any
    ) -> Callable[[Callable[[_lib.Instance], object]], _lib.Task]:
        """Register the decorated function as a task; its name is the function's unless another is given.

        Takes the options of :meth:`register`. The decorated name stands for the :class:`Task`.
        """

        def register(run: Callable[[_lib.Instance], object]) -> _lib.Task:
            return self.register(name if name is not None else run.__name__, run, **options)

        return register

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.shutdown()
