"""A page of the sample: registers one task, and shows its status and progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from system import told

if TYPE_CHECKING:
    import uuid

    import backstay
    from configuration import App, Registration


class Page:
    """Opening it finds the task if it is registered already, and attaches to it anew."""

    def __init__(self, app: App, wanted: Registration) -> None:
        self.app = app
        self.wanted = wanted
        self.system = app.system
        self.shown: tuple[uuid.UUID, int] | None = None
        self.subscriptions: list[backstay.Subscription] = []
        task = app.find(wanted)
        if task is not None:
            self.attach(task)
        self.show_status()

    def register(self) -> backstay.Task:
        """The button Register."""
        task = self.app.register(self.wanted)
        self.attach(task)
        self.show_status()
        self.system.say("Progress: none")
        return task

    def unregister(self) -> None:
        """The button Unregister."""
        self.app.unregister(self.wanted)
        self.show_status()
        self.system.settle()

    def signal(self) -> None:
        """The button Signal, of the page with the application trigger."""
        result = self.app.signal(self.wanted)
        self.system.say(f"Signal result: {result}")
        self.system.settle()

    def close(self) -> None:
        """Leave the page: its handlers go, the task stays (B91)."""
        for subscription in self.subscriptions:
            subscription.cancel()

    def attach(self, task: backstay.Task) -> None:
        # Handlers are called on a thread of the host, and what they have to show is posted to that of the page.
        self.subscriptions += [
            task.on_progress(lambda now: self.system.post(lambda: self.show_progress(now.instance))),
            task.on_completed(lambda done: self.system.post(lambda: self.show_completed(done))),
        ]

    def show_progress(self, instance: backstay.Instance) -> None:
        # Values that come faster than they are told are told as one (E3): what is shown is where it is now.
        now = (instance.id, instance.progress)
        if now != self.shown:
            self.shown = now
            self.system.say(f"Progress: {instance.progress}%")

    def show_completed(self, done: backstay.Completion) -> None:
        self.system.say(told(done))
        self.show_status()

    def show_status(self) -> None:
        self.system.say(self.app.status(self.wanted))
