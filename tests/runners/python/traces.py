"""What has happened to every instance: the host's events, with marks of the steps by hand between them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

from backstay import EventKind, Instance, InstanceEvent
from names import written, written_reason
from patience import Changes, Seen


class Traces:
    """The traces of all instances of one host."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._instances: list[Instance] = []
        self._entries: dict[UUID, tuple[str, ...]] = {}
        self._changes = Changes()

    def tell(self, event: InstanceEvent) -> None:
        """Write down an event."""
        entry = _entry(event)
        if entry is None:
            return
        with self._lock:
            if event.kind is EventKind.FIRED:
                self._instances.append(event.instance)
            self._add(event.instance_id, entry)
        self._changes.tell()

    def mark(self, instance: Instance, step: str) -> None:
        """Write down a step that is about to be carried out."""
        with self._lock:
            self._add(instance.id, f"<{step}>")

    def of(self, instance: Instance) -> tuple[str, ...]:
        """The trace of one instance so far."""
        return self._entries.get(instance.id, ())

    def instances(self) -> list[Instance]:
        """Every instance so far, in the order of firing."""
        with self._lock:
            return self._instances.copy()

    def started(self) -> list[UUID]:
        """Every instance that was told to have started."""
        with self._lock:
            return [run for run, entries in self._entries.items() if "started" in entries]

    def wait_for(self, look: Callable[[], Seen]) -> Seen:
        """Look at every event until there is something to see; see Changes."""
        return self._changes.wait_for(look)

    def _add(self, run: UUID, entry: str) -> None:
        self._entries[run] = (*self._entries.get(run, ()), entry)


def _entry(event: InstanceEvent) -> str | None:
    """The word of an event; none for progress, whose events may be merged (E3)."""
    if event.kind is EventKind.PROGRESS:
        return None
    what: str | None = None
    if event.kind is EventKind.WAITS:
        what = written(event.conditions)
    elif event.kind is EventKind.CANCELED and event.reason is not None:
        what = written_reason(event.reason)
    elif event.kind is EventKind.OVERDUE:
        what = event.label
    elif event.kind is EventKind.COMPLETED:
        what = written(event.outcome)
    word = event.kind.name.lower()
    return word if what is None else f"{word}:{what}"
