"""Writes the groups as JSON: the whole file or none."""

from __future__ import annotations

import json
import os
import stat
from typing import TextIO

from signals import Interrupt
from tally import EqualFiles


def write_groups(path: str, groups: list[EqualFiles], interrupt: Interrupt) -> bool:
    """Write the groups to `path`; false when a signal came meanwhile: then the file is as it was before.

    ASCII only: a name that is not UTF-8 has lone surrogates, and they survive as escapes. Raises OSError.
    """
    if _is_special(path):
        with open(path, "w", encoding="ascii") as file:
            return _write(file, groups, interrupt)
    path = os.path.realpath(path)
    temporary = f"{path}.{os.getpid()}.tmp"
    interrupt.temporary = temporary
    try:
        with open(temporary, "w", encoding="ascii") as file:
            complete = _write(file, groups, interrupt)
        if complete:
            os.replace(temporary, path)
        else:
            os.unlink(temporary)
    except OSError:
        if os.path.exists(temporary):
            os.unlink(temporary)
        raise
    finally:
        interrupt.temporary = None
    return complete


def _is_special(path: str) -> bool:
    # A device or a pipe is written to; nobody wants a regular file in the place of /dev/null.
    try:
        return not stat.S_ISREG(os.stat(path).st_mode)
    except FileNotFoundError:
        return False


def _write(file: TextIO, groups: list[EqualFiles], interrupt: Interrupt) -> bool:
    file.write('{"groups": [')
    for number, group in enumerate(groups):
        if interrupt.number is not None:
            return False
        file.write(",\n" if number else "\n")
        json.dump({"size": group.size, "paths": group.paths}, file)
    file.write("\n]}\n")
    return interrupt.number is None
