"""The deferrals that steps and runs have taken, by their instance and label."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Optional
from uuid import UUID

from backstay import Deferral, Instance, Status
from trouble import Wrong

#: None when it was dropped: there is nothing left to ask.
Kept = Optional[Deferral]


class Deferrals:
    """The deferrals of all instances.

    Of several with one label, a step means the first that is still pending, else the last one. Nobody has taken
    one of that label: Wrong.
    """

    # All of it is done under the lock: who has seen the holder finds the deferral, and nobody is called back on the
    # thread that takes or ends one (E2).

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: dict[tuple[UUID, str], list[Kept]] = {}

    def take(self, instance: Instance, label: str) -> None:
        """Take a deferral and keep it."""
        with self._lock:
            deferral = instance.get_deferral(label)
            self._kept.setdefault((instance.id, label), []).append(deferral)

    def complete(self, instance: Instance, label: str) -> Status:
        with self._lock:
            deferral = self._chosen(instance, label)
            # A dropped deferral counts as completed (L5), and the file asks about a completed one (L4).
            return deferral.complete() if deferral else Status.ALREADY_COMPLETED

    def fail(self, instance: Instance, label: str, error: str) -> Status:
        with self._lock:
            deferral = self._chosen(instance, label)
            return deferral.fail(error) if deferral else Status.ALREADY_COMPLETED

    def drop(self, instance: Instance, label: str) -> bool:
        """End a deferral without a word, and tell whether it was pending."""
        with self._lock:
            kept = self._of(instance, label)
            index = _index(kept)
            was_pending = _is_pending(kept[index])
            # Nobody else refers to it, so this is its end.
            kept[index] = None
            return was_pending

    def complete_all(self) -> None:
        """End what is left in words: Python warns of each that just goes (L5)."""
        with self._lock:
            for kept in self._kept.values():
                for deferral in kept:
                    if deferral is not None:
                        deferral.complete()

    def _chosen(self, instance: Instance, label: str) -> Kept:
        kept = self._of(instance, label)
        return kept[_index(kept)]

    def _of(self, instance: Instance, label: str) -> list[Kept]:
        kept = self._kept.get((instance.id, label))
        if kept is None:
            raise Wrong.nobody("deferral", label)
        return kept


def _index(kept: Sequence[Kept]) -> int:
    pending = (index for index, one in enumerate(kept) if _is_pending(one))
    return next(pending, len(kept) - 1)


def _is_pending(one: Kept) -> bool:
    return one is not None and one.holder() is not None
