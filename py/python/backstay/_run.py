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


class Stopper:
    """Listens to SIGINT and SIGTERM, from before the module is imported, whose tasks may run at once.

    A signal that comes before there is a host is kept for it; a second one then ends the process as it always did.
    """

    def __init__(self, drain: float, grace: float | None) -> None:
        self._drain = drain
        self._grace = grace
        self._asked: list[int] = []
        self._host: Host | None = None
        self._is_ending = False
        self._before = {
            number: signal.signal(number, self._stop) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def end(self) -> None:
        """Listen no more."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def run(self, host: Host, name: str) -> int:
        """Wait for a signal or the host's own end, end it, print the report; the answer is the exit status."""
        host.on_event(_log)
        _say(f"running {name}; SIGINT or SIGTERM ends it")
        self._host = host
        if self._asked and not self._is_ending:
            self._end(host, self._asked[0])
        report = host.wait()
        if report.state is HostState.DRAINING:
            report = host.shutdown(self._grace)
        print(report, flush=True)
        return 0 if report.is_clean else 1

    def _stop(self, number: int, frame: FrameType | None) -> None:
        self._asked.append(number)
        if self._host is not None:
            self._end(self._host, number)
        elif len(self._asked) > 1:
            self.end()
            signal.raise_signal(number)

    def _end(self, host: Host, number: int) -> None:
        self._is_ending = True
        name = signal.Signals(number).name
        if len(self._asked) == 1 and self._drain > 0:
            _say(f"{name}: work may finish within {self._drain:g} s; a second signal cancels it")
            host.begin_drain(self._drain)
        else:
            _say(f"{name}: shutting down")
            host.begin_shutdown(self._grace)


def _log(event: InstanceEvent) -> None:
    """Nobody else may ask how an instance ended."""
    if event.outcome in (Outcome.FAILED, Outcome.ABANDONED):
        done = event.instance.completion
        error = None if done is None else done.exception
        text = "" if done is None or done.error is None else f": {done.error}"
        _LOGGER.error("%s%s", event, text, exc_info=error)


def _say(text: str) -> None:
    print(f"backstay: {text}", file=sys.stderr, flush=True)
