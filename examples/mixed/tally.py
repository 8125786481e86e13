"""What the instances of the task tell, added up. Written on backstay's threads, read by the main loop."""

from __future__ import annotations

import os
import threading
import uuid
from dataclasses import dataclass

import backstay
import compare

#: What one step of an instance's progress stands for, in bytes; see job.c.
PROGRESS_UNIT = 4096

_REASONS = {
    compare.NOT_REGULAR: "no longer a regular file",
    compare.LENGTH: "not as long as its directory says",
    compare.CHANGED: "changed meanwhile",
}


@dataclass(frozen=True)
class EqualFiles:
    """Files that are equal byte for byte."""

    size: int
    paths: list[str]
    #: How many different files that are: hard links to one count once.
    inodes: int

    @property
    def freeable(self) -> int:
        """How many bytes would be free if there were only one."""
        return self.size * (self.inodes - 1)


@dataclass
class _Group:
    size: int
    paths: list[str]
    progress: int = 0

    @property
    def weight(self) -> int:
        return self.size * len(self.paths)

    @property
    def done(self) -> int:
        return min(self.progress * PROGRESS_UNIT, self.weight)


@dataclass(frozen=True)
class Standing:
    """Numbers for the bar, all of one moment."""

    ended: int
    files: int
    bytes_read: int
    #: Of the weight of all groups, which is the sum of their sizes.
    weight: int


class Tally:
    """Handlers for the task `compare`, and what they have heard."""

    def __init__(self) -> None:
        self.groups: list[EqualFiles] = []
        #: Files that could not be read: path and reason.
        self.problems: list[tuple[str, str]] = []
        #: Instances that failed as a whole.
        self.failures: list[str] = []
        self._lock = threading.Lock()
        self._running: dict[uuid.UUID, _Group] = {}
        self._ended = 0
        self._files = 0
        self._bytes_read = 0
        self._weight = 0

    def run(self, instance: backstay.Instance) -> None:
        """The entry point: hands the instance over to C and returns; C's deferrals keep it alive."""
        if instance.canceled is not None:
            return
        details = instance.details
        group = _Group(details["size"], details["paths"])
        with self._lock:
            self._running[instance.id] = group
        compare.start(instance.handle(), [os.fsencode(path) for path in group.paths], group.size)

    def progressed(self, news: backstay.Progress) -> None:
        """Take note of what an instance has read so far."""
        with self._lock:
            group = self._running.get(news.instance_id)
            if group is not None:
                group.progress = news.progress

    def completed(self, done: backstay.Completion) -> None:
        """Fetch what C found. Also of a cancelled or abandoned instance: what it found until then is right."""
        taken = compare.take(done.instance_id.bytes)
        with self._lock:
            group = self._running.pop(done.instance_id, None)
            if group is not None:
                self._files += len(group.paths)
                self._weight += group.weight
                if taken is not None:
                    self._add(group, *taken)
            if done.outcome is backstay.Outcome.FAILED:
                self.failures.append(f"{done.task}: {done.error}")
            self._ended += 1

    def standing(self) -> Standing:
        """How far things are."""
        with self._lock:
            running = list(self._running.values())
            return Standing(
                self._ended,
                self._files,
                self._bytes_read + sum(group.progress for group in running) * PROGRESS_UNIT,
                self._weight + sum(group.done for group in running),
            )

    @property
    def ended(self) -> int:
        """How many instances have ended."""
        return self._ended

    def _add(
        self,
        group: _Group,
        classes: list[list[tuple[int, int, int]]],
        errors: list[tuple[int, int]],
        bytes_read: int,
    ) -> None:
        for members in classes:
            paths = sorted(group.paths[index] for index, _, _ in members)
            inodes = len({(device, inode) for _, device, inode in members})
            self.groups.append(EqualFiles(group.size, paths, inodes))
        for index, reason in errors:
            text = _REASONS[reason] if reason < 0 else os.strerror(reason)
            self.problems.append((group.paths[index], text))
        self._bytes_read += bytes_read
