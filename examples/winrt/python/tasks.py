"""The two background tasks of the sample, and the timer that the first of them runs by."""

from __future__ import annotations

from typing import TYPE_CHECKING

import backstay
from system import TIMERS, spelled

if TYPE_CHECKING:
    from collections.abc import Callable


class SampleBackgroundTask:
    """Body A: ten ticks of a second, ten percent each, held by a deferral after Run has returned."""

    def __init__(self, settings: dict[str, str], instance: backstay.Instance) -> None:
        self.settings = settings
        self.instance = instance
        # A host that knows of batteries would say what work costs now.
        settings["BackgroundWorkCost"] = "Low"
        self.deferral = instance.get_deferral("ten ticks")

    def start(self) -> None:
        """Begin to tick, and return."""
        start_timer(self.instance, "ticks", 1, self.tick)

    def tick(self) -> bool:
        """Go on by ten percent, or end; whether there is more to do.

        The instance remembers a cancellation, so there is neither a handler nor a flag. Two ticks that both see the end
        do no harm: the second `complete` changes nothing.
        """
        reason = self.instance.canceled
        if reason is None and self.instance.progress < 100:
            self.instance.progress += 10
            return True
        # All is done at 100, so a cancellation that comes then is too late to be reported.
        self.settings[self.instance.task.name] = ending(reason if self.instance.progress < 100 else None)
        self.deferral.complete()
        return False


def servicing_complete(settings: dict[str, str], instance: backstay.Instance) -> None:
    """Body B: all in one go and no deferral, so that the instance ends when this returns."""
    for progress in range(0, 101, 10):
        if instance.canceled is not None:
            break
        instance.progress = progress
    settings[instance.task.name] = ending(instance.canceled)


#: The entry points by the names of their classes, as a manifest lists them.
CLASSES: dict[str, Callable[[dict[str, str], backstay.Instance], None]] = {
    "Tasks.SampleBackgroundTask": lambda settings, instance: SampleBackgroundTask(settings, instance).start(),
    "Tasks.ServicingComplete": servicing_complete,
}


def start_timer(instance: backstay.Instance, label: str, seconds: float, tick: Callable[[], bool]) -> None:
    """Call `tick` every so many seconds of the host's clock, as long as it says that there is more to do."""
    host = instance.host
    if host is None:
        raise RuntimeError("the host is ending, so its clock has no more ticks")

    def elapsed(timer: backstay.Instance) -> None:
        if not tick():
            timer.task.unregister()

    host.register(f"{label} of {instance.id}", elapsed, group=TIMERS, trigger=backstay.every(seconds))


def ending(reason: int | None) -> str:
    """What the store keeps of how a task ended."""
    return (
        "Completed" if reason is None else f"Canceled with reason: {spelled(backstay.CancelReason(reason))}"
    )
