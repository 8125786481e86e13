"""Microsoft's BackgroundTask sample on backstay, without its windows: what they would show is printed.

python sample.py CASE
python sample.py --list
"""

from __future__ import annotations

import sys

import acceptance
import scenarios
from system import System

CASES = {**scenarios.CASES, **acceptance.CASES}


def main() -> int:
    if sys.argv[1:] == ["--list"]:
        print(*sorted(CASES), sep="\n")
        return 0
    if len(sys.argv) != 2 or sys.argv[1] not in CASES:
        print("usage: sample.py CASE, or --list", file=sys.stderr)
        return 2
    system = System()
    CASES[sys.argv[1]](system)
    system.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
