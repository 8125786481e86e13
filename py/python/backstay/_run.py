"""Running a host as the whole purpose of a process: found by name, ended by a signal."""

from __future__ import annotations

import importlib
import logging
import signal
import sys
from types import FrameType
from typing import Any

from ._host import Host
from ._results import InstanceEvent
from ._words import HostState, Outcome

_LOGGER = logging.getLogger("backstay")


class NoSuchHost(Exception):
    """The target names no host."""


def find(target: str) -> Host:
    """The host that ``module:name`` names, or that the function of this name makes; the name is "host" by default."""
    module_name, _, path = target.partition(":")
    if not module_name:
        raise NoSuchHost(f"{target!r} names no module; write module:name")
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        # One that the module itself misses is its own mistake, and is shown with its traceback.
        if error.name is None or not (module_name + ".").startswith(error.name + "."):
            raise
        raise NoSuchHost(
            f"there is no module {module_name!r}; the current folder is looked into first"
        ) from None
    for name in (path or "host").split("."):
        try:
            found = getattr(found, name)
        except AttributeError:
            raise NoSuchHost(f"{module_name!r} has no {path or 'host'!r}; name a host: module:name") from None
    made = found() if callable(found) and not isinstance(found, Host) else found
    if not isinstance(made, Host):
        raise NoSuchHost(f"{target!r} is {type(made).__name__}, not a backstay.Host")
    return made


def until_stopped(host: Host, drain: float, grace: float | None) -> int:
    """Wait for SIGINT, SIGTERM or the host's own end, end it, print the report; the answer is the exit status."""
    asked = 0

    def stop(number: int, frame: FrameType | None) -> None:
        nonlocal asked
        asked += 1
        name = signal.Signals(number).name
        if asked == 1 and drain > 0:
            _say(f"{name}: work may finish within {drain:g} s; a second signal cancels it")
            host.begin_drain(drain)
        else:
            _say(f"{name}: shutting down")
            host.begin_shutdown(grace)

    host.on_event(_log)
    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        report = host.wait()
        if report.state is HostState.DRAINING:
            report = host.shutdown(grace)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    print(report, flush=True)
    return 0 if report.is_clean else 1


def _log(event: InstanceEvent) -> None:
    """Nobody else may ask how an instance ended."""
    if event.outcome in (Outcome.FAILED, Outcome.ABANDONED):
        done = event.instance.completion
        error = None if done is None else done.exception
        text = "" if done is None or done.error is None else f": {done.error}"
        _LOGGER.error("%s%s", event, text, exc_info=error)


def _say(text: str) -> None:
    print(f"backstay: {text}", file=sys.stderr, flush=True)
