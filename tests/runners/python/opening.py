"""From the options of a file to a host and its tasks."""

from __future__ import annotations

from typing import Any

import step
from backstay import Host, Instance, Task
from entry import enter
from stage import Stage

#: How many entry points run at once unless the file says otherwise: the same on every machine.
WORKERS = 4


def open_host(options: step.Host, stage: Stage) -> Host:
    """Open a host with a manual clock, whose events are written down."""
    settings: dict[str, Any] = {} if options.grace is None else {"grace": options.grace}
    workers = WORKERS if options.workers is None else options.workers
    host = Host(manual_clock=True, workers=workers, overdue_after=options.overdue_after, **settings)
    # Dropping the subscription leaves the handler attached until the host ends (E4). Then the host lets go of what it
    # has called, here and below: what is left of the stage is a fault of the library.
    host.on_event(stage.traces.tell)
    return host


def register_task(options: step.Task, stage: Stage, host: Host) -> Task:
    """Register a task whose runs do what the file says."""
    called = options.called

    def run(instance: Instance) -> None:
        enter(stage, called, instance)

    return host.register(
        options.name,
        run,
        trigger=options.trigger,
        group=options.group,
        conditions=options.conditions,
        cancel_on_condition_loss=options.cancel_on_loss,
        deadline=options.deadline,
        grace=options.grace,
        when_busy=options.busy,
        max_running=options.max_running,
        max_failures=options.max_failures,
        if_exists=options.if_exists,
    )
