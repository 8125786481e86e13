"""The jobs that can be asked for, and how they look in an answer."""

from __future__ import annotations

import asyncio
import uuid
from collections import deque

import backstay
from starlette.exceptions import HTTPException

from .work import Job


class Jobs:
    """What is alive, and the last of what has ended; so it does not grow for ever. For the thread of the loop alone."""

    def __init__(self, keep: int) -> None:
        self._instances: dict[uuid.UUID, backstay.Instance] = {}
        self._ended: deque[uuid.UUID] = deque()
        self._keep = keep

    def watch(self, task: backstay.Task) -> None:
        """Notice when what is fired of the task has ended."""
        loop = asyncio.get_running_loop()
        # Handlers come on a thread of the host. On the loop this comes after the firing was noted, which is under way.
        task.on_completed(lambda done: loop.call_soon_threadsafe(self._end, done.instance_id))

    def fire(self, task: backstay.Task, job: Job) -> backstay.Instance:
        """Begin a job and remember it."""
        instance = task.fire(job)
        self._instances[instance.id] = instance
        return instance

    def get(self, id: uuid.UUID) -> backstay.Instance:
        """The job of this id; the answer is 404 when there is none, or none any more."""
        instance = self._instances.get(id)
        if instance is None:
            raise HTTPException(404, "no such job")
        return instance

    def _end(self, id: uuid.UUID) -> None:
        self._ended.append(id)
        if len(self._ended) > self._keep:
            del self._instances[self._ended.popleft()]


def describe(instance: backstay.Instance) -> dict[str, object]:
    """A job as JSON can say it."""
    # The state first: once it is FINISHED there is a completion.
    state = instance.state
    done = instance.completion if state is backstay.State.FINISHED else None
    job: Job = instance.details
    succeeded = done is not None and done.outcome is backstay.Outcome.SUCCEEDED
    return {
        "id": str(instance.id),
        "task": instance.task.name,
        "state": state.name,
        "progress": instance.progress,
        "canceled": None if instance.canceled is None else backstay.CancelReason(instance.canceled).name,
        "holders": [{"label": h.label, "note": h.note, "seconds": h.age} for h in instance.holders()],
        "outcome": None if done is None else done.outcome.name,
        "error": None if done is None else done.error,
        "result": job.result if succeeded else None,
    }
