"""The six scenarios of the sample: what a user does on its pages, and what the system does meanwhile."""

from __future__ import annotations

from typing import TYPE_CHECKING

import backstay
from configuration import ACCESS, APPLICATION_TRIGGER_TASK, GROUP_ID, TIME_TRIGGERED_TASK, App, Registration
from page import Page

if TYPE_CHECKING:
    from collections.abc import Callable

    from configuration import Variant
    from system import System

TIME_ZONE_CHANGE = "TimeZoneChange"
INTERNET = "InternetAvailable"
SAMPLE = Registration("SampleBackgroundTask", backstay.event(TIME_ZONE_CHANGE))


def background_task(system: System, variant: Variant) -> None:
    """Scenario 1."""
    page = Page(App(system, variant), SAMPLE)
    page.register()
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(11)
    cost = page.app.settings["BackgroundWorkCost"]
    system.say(f"BackgroundWorkCost: {cost}")
    system.say("The application is opened anew")
    page.close()
    page = Page(App(system, variant), SAMPLE)
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(3)
    page.unregister()
    system.advance(1)


def with_condition(system: System, variant: Variant) -> None:
    """Scenario 2."""
    trigger = backstay.event(TIME_ZONE_CHANGE)
    page = Page(
        App(system, variant),
        Registration("SampleBackgroundTaskWithCondition", trigger, condition=INTERNET),
    )
    task = page.register()
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(60)
    system.say(f"Running: {task.running}, pending: {task.pending}")
    system.set_condition(INTERNET, True)
    system.advance(11)
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(3)
    system.set_condition(INTERNET, False)
    system.advance(1)
    page.unregister()


def servicing_complete(system: System, variant: Variant) -> None:
    """Scenario 3. In process it is the ten ticks that run, as in the sample."""
    trigger = backstay.event("ServicingComplete")
    page = Page(
        App(system, variant),
        Registration("ServicingCompleteTask", trigger, entry_point="Tasks.ServicingComplete"),
    )
    page.register()
    system.raise_event("ServicingComplete")
    system.advance(11)
    page.unregister()


def time_trigger(system: System, variant: Variant) -> None:
    """Scenario 4."""
    system.set_condition(ACCESS, True)
    app = App(system, variant)
    try:
        app.register(Registration(TIME_TRIGGERED_TASK, backstay.every(minutes=14)))
    except ValueError as error:
        system.say(f"Register: {error}")
    page = Page(app, Registration(TIME_TRIGGERED_TASK, backstay.every(minutes=15)))
    page.register()
    system.advance(30 * 60 + 11)
    page.unregister()
    # What is denied waits, is held once, and never runs unless the user changes their mind (B96).
    system.set_condition(ACCESS, False)
    page.register()
    system.advance(45 * 60)
    page.unregister()


def application_trigger(system: System, variant: Variant) -> None:
    """Scenario 5."""
    app = App(system, variant)
    page = Page(app, Registration(APPLICATION_TRIGGER_TASK, backstay.manual()))
    page.signal()
    page.register()
    page.signal()
    system.set_condition(ACCESS, True)
    try:
        page.register()
    except backstay.NameTaken as error:
        system.say(f"Register again: {error.status}")
    try:
        app.register(Registration("AnotherApplicationTriggerTask", backstay.manual()))
    except ValueError as error:
        system.say(f"Register another: {error}")
    page.signal()
    system.advance(1)
    page.signal()
    system.advance(10)
    # The name is free as soon as it is unregistered, also while what is asked to stop has not.
    page.signal()
    system.advance(1)
    page.unregister()
    page.register()
    page.signal()
    system.advance(11)
    page.unregister()
    page.signal()


def grouped_task(system: System, variant: Variant) -> None:
    """Scenario 6."""
    app = App(system, variant)
    grouped = Registration("GroupedBackgroundTask", backstay.event(TIME_ZONE_CHANGE), group=GROUP_ID)
    page = Page(app, grouped)
    page.register()
    app.register(SAMPLE)
    show_lists(app)
    system.say("Unregister ungrouped tasks")
    for task in app.tasks():
        task.unregister(cancel=True)
    show_lists(app)
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(11)
    page.unregister()
    show_lists(app)


def show_lists(app: App) -> None:
    """What AllTasks, AllTaskGroups and the group's own AllTasks have."""
    host = app.system.host
    lists = {
        "AllTasks": [task.name for task in app.tasks()],
        "AllTaskGroups": list(host.groups()),
        "AllTasks of the group": [task.name for task in app.tasks(GROUP_ID)],
    }
    for name, listed in lists.items():
        app.system.say(f"{name}: {' '.join(listed) or 'none'}")


def both(name: str, play: Callable[[System, Variant], None]) -> dict[str, Callable[[System], None]]:
    """A scenario in its two variants."""
    return {
        f"{name}-out": lambda system: play(system, "out"),
        f"{name}-in": lambda system: play(system, "in"),
    }


CASES = {
    **both("1-background-task", background_task),
    **both("2-with-condition", with_condition),
    **both("3-servicing-complete", servicing_complete),
    **both("4-time-trigger", time_trigger),
    **both("5-application-trigger", application_trigger),
    **both("6-grouped-task", grouped_task),
}
