"""A scenario that is being played: its host, and what the file calls by name."""

from __future__ import annotations

from uuid import UUID

import step
from backstay import DrainReport, Host, Instance, Status, Task
from closing import Closing
from opening import open_host
from patience import PATIENCE
from stage import Stage
from trouble import Answered, Wrong


class Player:
    """What the steps of one file work with, step by step."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        #: Whether the step by hand that is carried out leaves a mark: not when it must be refused.
        self.leaves_marks = True
        self._host: Host | None = None
        #: What the file calls which instance.
        self._names: dict[str, Instance] = {}
        self._named: set[UUID] = set()
        self._closings: list[Closing] = []

    @property
    def host(self) -> Host:
        """The host; without a `host` before it, the first step opens one with the default options."""
        return self._host or self.open(step.Host())

    def open(self, options: step.Host) -> Host:
        self._host = open_host(options, self.stage)
        return self._host

    def task(self, name: str) -> Task:
        """A task; one that was never registered is answered with the status of a search for it."""
        task = self.stage.task(name)
        if task is None:
            raise Answered(Status.NOT_FOUND, f'no task "{name}" was registered')
        return task

    def instance(self, name: str) -> Instance:
        if name not in self._names:
            raise Wrong.nobody("instance", name)
        return self._names[name]

    def by_hand(self, name: str, mark: str) -> Instance:
        """The instance that a step by hand is about, which is written down before it is carried out."""
        instance = self.instance(name)
        if self.leaves_marks:
            self.stage.traces.mark(instance, mark)
        return instance

    def at(self, target: step.Target, mark: str) -> Host | Task | Instance:
        """What is suspended or resumed."""
        if isinstance(target, step.OfTask):
            return self.task(target.task)
        if isinstance(target, step.OfInstance):
            return self.by_hand(target.instance, mark)
        return self.host

    def name(self, name: str, instance: Instance) -> None:
        self._named.add(instance.id)
        self._names[name] = instance

    def oldest_without_a_name(self, task: Task) -> Instance | None:
        instances = self.stage.traces.instances()
        meant = (one for one in instances if one.id not in self._named and one.task == task)
        return next(meant, None)

    def wait_for_report(self) -> None:
        """Have somebody wait for the report of the drain or shutdown that has begun."""
        self._closings.append(Closing(self.host))

    def report(self) -> DrainReport:
        """The report of the last drain or shutdown."""
        if not self._closings:
            raise Wrong("nothing has been drained or shut down")
        return self._closings[-1].report()

    def flush(self) -> None:
        """Wait until everything that the steps have caused was told (E7)."""
        if self._host is not None:
            self._host.flush(PATIENCE)

    def close(self) -> None:
        """End everything that is still alive. A file need not: what it looks at has been seen."""
        self.stage.gates.release()
        if self._host is not None:
            self._host.shutdown(0)
        self.stage.deferrals.complete_all()
        for closing in self._closings:
            closing.join()
        self.stage.check_mistakes()
