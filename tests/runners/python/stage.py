"""What the steps of a scenario share with the runs of its tasks."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from uuid import UUID

from act import Act
from backstay import Instance, Task
from complaints import Complaints
from deferrals import Deferrals
from gates import Gates
from traces import Traces
from trouble import Wrong


class Stage:
    """One playing scenario, as its runs see it."""

    def __init__(self, complaints: Complaints) -> None:
        self.traces = Traces()
        self.gates = Gates()
        self.deferrals = Deferrals()
        self.complaints = complaints
        self._lock = threading.Lock()
        self._scripts: dict[str, Sequence[Act]] = {}
        #: The runs that know what they do.
        self._entered: set[UUID] = set()
        self._tasks: dict[str, Task] = {}
        self._mistakes: list[str] = []

    def set_script(self, task: str, acts: Sequence[Act]) -> None:
        """Say what the later runs of that task do.

        A run that was seen to have started is not a later one, so this waits until each of those has taken its
        script.
        """
        started = self.traces.started()
        if not self.traces.wait_for(lambda: self._entered.issuperset(started)):
            raise Wrong("expected every started run to enter, saw one that does not")
        with self._lock:
            self._scripts[task] = acts

    def script(self, task: str, run: Instance) -> Sequence[Act]:
        """What this run of that task does; nothing when no ``run`` said so."""
        with self._lock:
            acts = self._scripts.get(task, ())
            self._entered.add(run.id)
            return acts

    def set_task(self, name: str, task: Task) -> None:
        with self._lock:
            self._tasks[name] = task

    def task(self, name: str) -> Task | None:
        """The task last registered under that name, also when it was unregistered since."""
        with self._lock:
            return self._tasks.get(name)

    def add_mistake(self, mistake: str) -> None:
        """Remember what a run was told to do and could not, since the file is wrong."""
        with self._lock:
            self._mistakes.append(mistake)

    def check_mistakes(self) -> None:
        with self._lock:
            if self._mistakes:
                raise Wrong(self._mistakes[0])
