"""What SampleConfiguration and App are in the sample: how tasks are registered, found, entered and shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import backstay
from tasks import CLASSES, SampleBackgroundTask

if TYPE_CHECKING:
    from collections.abc import Callable

    from system import System

#: "out": entry points by the names of classes, status in a store that outlives the application.
#: "in": the handlers of the application are entered, status in its memory.
Variant = Literal["out", "in"]

GROUP_ID = "3F2504E0-5F89-41D3-9A0C-0405E82C3333"
TIME_TRIGGERED_TASK = "TimeTriggeredTask"
APPLICATION_TRIGGER_TASK = "ApplicationTriggerTask"
#: The host says by this condition whether the user lets the application work in the background (RequestAccessAsync).
ACCESS = "BackgroundAccess"
#: In seconds: what a time trigger may not be below. The library has no such limit; the sample has it from Windows.
SHORTEST_PERIOD = 15 * 60


@dataclass(frozen=True)
class Registration:
    """What a page registers, the arguments of RegisterBackgroundTask."""

    name: str
    trigger: backstay.Trigger
    entry_point: str = "Tasks.SampleBackgroundTask"
    #: To lose it cancels what runs.
    condition: str | None = None
    group: str | None = None

    @property
    def is_application_triggered(self) -> bool:
        """Whether the application itself signals it: what ApplicationTrigger is."""
        return self.trigger == backstay.manual()


class App:
    """The application, in one of its two variants. A new one takes the place of the old one."""

    def __init__(self, system: System, variant: Variant) -> None:
        self.system = system
        self.is_in_process = variant == "in"
        self.settings = {} if self.is_in_process else system.local_settings
        # A group has a handler of its own, which is entered instead of that of the application (B87).
        self.groups = {GROUP_ID: self.on_group_activated}
        #: The task that the application signals: one, as Windows allows (B88).
        self.signaled: backstay.Task | None = None
        system.activated = self.on_background_activated

    def register(self, wanted: Registration) -> backstay.Task:
        """Register a task and forget how it ended before."""
        if wanted.trigger.kind == "every" and (wanted.trigger.seconds or 0) < SHORTEST_PERIOD:
            raise ValueError("a time trigger takes 15 minutes or more")
        other = self.signaled if wanted.is_application_triggered else None
        # A second one of the same name is refused by the host.
        if other is not None and other.registered and other.name != wanted.name:
            raise ValueError(f"{other.name} has the application trigger")
        conditions = [] if wanted.condition is None else [wanted.condition]
        if wanted.name in (TIME_TRIGGERED_TASK, APPLICATION_TRIGGER_TASK):
            conditions.append(ACCESS)
        task = self.system.host.register(
            wanted.name,
            self.entry_point(wanted),
            trigger=wanted.trigger,
            conditions=conditions,
            cancel_on_condition_loss=wanted.condition is not None,
            group=wanted.group,
            when_busy=backstay.WhenBusy.REJECT if wanted.is_application_triggered else None,
        )
        if wanted.is_application_triggered:
            self.signaled = task
        self.settings.pop(wanted.name, None)
        return task

    def unregister(self, wanted: Registration) -> None:
        """Unregister a task, and ask what runs of it to stop."""
        task = self.find(wanted)
        if task is not None:
            task.unregister(cancel=True)

    def signal(self, wanted: Registration) -> str:
        """ApplicationTrigger.RequestAsync."""
        self.settings.pop(wanted.name, None)
        if self.signaled is None:
            return "Unregistered"
        if not self.system.host.condition(ACCESS):
            return "DisabledByPolicy"
        try:
            self.signaled.fire()
        except backstay.CurrentlyRunning:
            return "CurrentlyRunning"
        except backstay.Unregistered:
            return "Unregistered"
        return "Allowed"

    def tasks(self, group: str | None = None) -> tuple[backstay.Task, ...]:
        """AllTasks, or those of a group."""
        host = self.system.host
        return host.tasks() if group is None else host.group(group).tasks()

    def find(self, wanted: Registration) -> backstay.Task | None:
        """The task of this name, if it is registered."""
        host = self.system.host
        if wanted.group is None:
            return host.get_task(wanted.name)
        return host.group(wanted.group).get_task(wanted.name)

    def status(self, wanted: Registration) -> str:
        """How a page shows it: "Registered - Completed"."""
        registered = "Unregistered" if self.find(wanted) is None else "Registered"
        return " - ".join([registered, *filter(None, [self.settings.get(wanted.name)])])

    def entry_point(self, wanted: Registration) -> Callable[[backstay.Instance], None]:
        """The class of the name, or else whichever application is there when the task runs."""
        system, name = self.system, wanted.entry_point

        def run_class(instance: backstay.Instance) -> None:
            system.say(f"Run: {name}")
            CLASSES[name](system.local_settings, instance)

        def activate(instance: backstay.Instance) -> None:
            if system.activated is not None:
                system.activated(instance)

        return activate if self.is_in_process else run_class

    def on_background_activated(self, instance: backstay.Instance) -> None:
        """Where what names no entry point is entered, unless its group has a handler."""
        group = instance.task.group
        if group is not None and group in self.groups:
            self.groups[group](instance)
            return
        self.system.say(f"OnBackgroundActivated: {instance.task.name}")
        SampleBackgroundTask(self.settings, instance).start()

    def on_group_activated(self, instance: backstay.Instance) -> None:
        """The handler of the group."""
        self.system.say(f"BackgroundActivated of the group: {instance.task.name}")
        SampleBackgroundTask(self.settings, instance).start()
