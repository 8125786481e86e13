"""What a host itself reports goes to the logger ``backstay``: a handler that never returned, a log line of the core."""

from __future__ import annotations


def log(line: str) -> None:
    """Log one line. Imports logging when there is something to log, and not before."""
    import logging

    logging.getLogger("backstay").warning("%s", line)
