"""Finds the regular files below a directory, grouped by size."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

_KINDS = {
    stat.S_IFIFO: "fifo",
    stat.S_IFSOCK: "socket",
    stat.S_IFBLK: "block device",
    stat.S_IFCHR: "character device",
    stat.S_IFLNK: "symbolic link",
    stat.S_IFDIR: "directory that was something else before",
}


@dataclass
class Found:
    """What a walk has seen so far."""

    #: How many regular files.
    files: int = 0
    #: The regular files by size.
    by_size: dict[int, list[str]] = field(default_factory=dict)
    #: What is neither a regular file nor a directory, by kind.
    skipped: Counter[str] = field(default_factory=Counter)
    #: What could not be looked at: path and reason.
    problems: list[tuple[str, str]] = field(default_factory=list)

    def groups(self) -> list[tuple[int, list[str]]]:
        """Sizes that more than one file has, the largest first: long work is begun early."""
        return sorted(((size, paths) for size, paths in self.by_size.items() if len(paths) > 1), reverse=True)


def why(error: OSError) -> str:
    """The reason of an error, without the path."""
    return error.strerror or str(error)


def walk(root: str, found: Found) -> Iterator[None]:
    """Walk `root` and note in `found` what is there; yields again and again, so that the caller can stop at any time.

    Symbolic links are not followed, except `root` itself.
    """
    pending = [root]
    while pending:
        directory = pending.pop()
        follow = 0 if directory == root else os.O_NOFOLLOW
        try:
            # By descriptor: a directory that was just replaced by a symbolic link does not lead elsewhere.
            descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | follow)
        except OSError as error:
            found.problems.append((directory, why(error)))
            yield
            continue
        try:
            with os.scandir(descriptor) as entries:
                for entry in entries:
                    _note(entry, os.path.join(directory, entry.name), found, pending)
                    yield
        except OSError as error:
            found.problems.append((directory, why(error)))
        finally:
            os.close(descriptor)


def _note(entry: os.DirEntry[str], path: str, found: Found, pending: list[str]) -> None:
    try:
        if entry.is_dir(follow_symlinks=False):
            pending.append(path)
            return
        status = entry.stat(follow_symlinks=False)
    except OSError as error:
        found.problems.append((path, why(error)))
        return
    if stat.S_ISREG(status.st_mode):
        found.files += 1
        found.by_size.setdefault(status.st_size, []).append(path)
    else:
        found.skipped[_KINDS.get(stat.S_IFMT(status.st_mode), "something else")] += 1
