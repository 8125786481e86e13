"""What else ported code relies on, each from a sample beside BackgroundTask; the README says which."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import backstay
from configuration import App
from page import Page
from scenarios import SAMPLE, TIME_ZONE_CHANGE
from system import told
from tasks import SampleBackgroundTask, ending, start_timer

if TYPE_CHECKING:
    from collections.abc import Callable

    from system import System


def canceled_after_100(system: System) -> None:
    """A cancellation that comes after 100 percent is too late: the task says "Completed"."""
    page = Page(App(system, "out"), SAMPLE)
    page.register()
    system.raise_event(TIME_ZONE_CHANGE)
    system.advance(10)
    page.unregister()
    system.advance(1)


def second_tick(system: System) -> None:
    """A tick that was under way when the last one stopped the timer completes once more, and harms nobody."""
    bodies: list[SampleBackgroundTask] = []

    def run(instance: backstay.Instance) -> None:
        bodies.append(SampleBackgroundTask(system.local_settings, instance))
        bodies[0].start()

    task = watched(system, run)
    fire(system, task)
    system.advance(11)
    again = bodies[0].tick()
    system.settle()
    system.say(f"A second tick goes on: {yes(again)}")
    system.say(f"Stored: {system.local_settings[task.name]}")


def check_result(system: System) -> None:
    """CheckResult throws what a task has thrown, and nothing after one that went well."""

    def locate(instance: backstay.Instance) -> None:
        if instance.details == "nowhere":
            raise LookupError("no position")

    task = watched(system, locate)
    fire(system, task, "nowhere")
    fire(system, task, "here")


def complete_in_canceled(system: System) -> None:
    """The deferral is completed by the handler of Canceled; to be canceled in time is no error."""

    def run(instance: backstay.Instance) -> None:
        deferral = instance.get_deferral("sensor")

        def stop(reason: int) -> None:
            system.local_settings[instance.task.name] = ending(reason)
            deferral.complete()

        instance.on_canceled(stop)

    task = watched(system, run)
    fire(system, task)
    system.advance(1)
    task.unregister(cancel=True)
    system.settle()
    system.say(f"Stored: {system.local_settings[task.name]}")


def complete_many_times(system: System) -> None:
    """The first `complete` counts; all others are answered, also long after the end."""
    deferrals: list[backstay.Deferral] = []

    def run(instance: backstay.Instance) -> None:
        deferrals.append(instance.get_deferral("connection"))
        complete()
        complete()

    def complete() -> None:
        system.say(f"complete: {deferrals[0].complete()}")

    fire(system, watched(system, run))
    system.advance(60)
    complete()


def token(system: System) -> None:
    """Work that looks at a token, and a deferral that what it throws does not leak."""
    task = watched(system, sync_device)
    fire(system, task, "device")
    system.advance(2)
    fire(system, task, "no device")
    system.say(f"Deferrals: {len(system.host.holders())}")
    task.unregister(cancel=True)
    system.settle()
    system.advance(1)


def sync_device(instance: backstay.Instance) -> None:
    """Write to a device every second until the token is canceled."""
    with contextlib.ExitStack() as guard:
        deferral = guard.enter_context(instance.get_deferral("device"))
        cancellation = instance.cancellation()
        if instance.details != "device":
            raise OSError("the device is gone")

        def write() -> bool:
            if cancellation.is_canceled:
                instance.progress = 0
                deferral.complete()
                return False
            instance.progress += 1
            return True

        start_timer(instance, "writes", 1, write)
        # From here on it is the timer that lets the instance go.
        guard.pop_all()


def deferrals_by_scope(system: System) -> None:
    """Each operation holds the instance for as long as its block lasts; the last one to end ends it."""

    def run(instance: backstay.Instance) -> None:
        for seconds in (3, 1, 2):
            begin(instance, seconds)

    def begin(instance: backstay.Instance, seconds: int) -> None:
        deferral = instance.get_deferral(f"{seconds} s")

        def operate() -> bool:
            with deferral:
                held = len(instance.holders())
                system.say(f"Deferrals: {held}")
            return False

        start_timer(instance, f"{seconds} s", seconds, operate)

    fire(system, watched(system, run))
    system.advance(3)


def registration(system: System) -> None:
    """What is registered has its name, is found in the lists, and is gone when it is unregistered."""
    app = App(system, "out")
    task = app.register(SAMPLE)
    system.say(f"Name: {task.name}")
    system.say(f"In AllTasks: {yes(task in app.tasks())}")
    system.say(f"Found by its name: {yes(app.find(SAMPLE) == task)}")
    task.unregister(cancel=True)
    system.say(f"Registered: {yes(task.registered)}")
    system.say(f"In AllTasks: {yes(task in app.tasks())}")
    try:
        task.unregister(cancel=True)
    except backstay.Unregistered as error:
        system.say(f"Unregister again: {error.status}")


def watched(system: System, run: Callable[[backstay.Instance], object]) -> backstay.Task:
    """A task that is fired by hand, with its events in the trace."""
    task = system.host.register("Task", run)
    task.on_progress(lambda now: system.post(lambda: system.say(f"Progress: {now.progress}")))
    task.on_completed(lambda done: system.post(lambda: system.say(told(done))))
    return task


def fire(system: System, task: backstay.Task, details: str | None = None) -> None:
    system.say("Fired" if details is None else f"Fired with {details}")
    task.fire(details)
    system.settle()


def yes(fact: bool) -> str:
    return "yes" if fact else "no"


CASES: dict[str, Callable[[System], None]] = {
    "canceled-after-100": canceled_after_100,
    "check-result": check_result,
    "complete-in-canceled": complete_in_canceled,
    "complete-many-times": complete_many_times,
    "deferrals-by-scope": deferrals_by_scope,
    "registration": registration,
    "second-tick": second_tick,
    "token": token,
}
