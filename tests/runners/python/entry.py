"""The entry point of every task: it does the acts that the file wrote down for it."""

from __future__ import annotations

from functools import singledispatch

import act
from backstay import Instance
from stage import Stage
from trouble import Wrong


class Panicked(BaseException):
    """What ``panic`` raises: nothing that application code would catch."""


def enter(stage: Stage, task: str, instance: Instance) -> None:
    """One run of the task of that name.

    An act that the library refuses leaves the run as the exception of the package, and makes it Failed.
    """
    for said in stage.script(task, instance):
        if isinstance(said, act.Return):
            return
        try:
            _do(said, stage, instance)
        except Wrong as wrong:
            # It is the file that is wrong, and no fault of the run.
            stage.add_mistake(str(wrong))


@singledispatch
def _do(said: act.Act, _: Stage, __: Instance) -> None:
    raise NotImplementedError(f"{said} is no act")


@_do.register
def _(said: act.Defer, stage: Stage, instance: Instance) -> None:
    stage.deferrals.take(instance, said.label)


@_do.register
def _(said: act.Complete, stage: Stage, instance: Instance) -> None:
    stage.deferrals.complete(instance, said.label)


@_do.register
def _(said: act.Progress, _: Stage, instance: Instance) -> None:
    instance.progress = said.progress


@_do.register
def _(_: act.Hold, stage: Stage, instance: Instance) -> None:
    stage.gates.stand(instance.id)


@_do.register
def _(_: act.Checkpoint, __: Stage, instance: Instance) -> None:
    # A cancelled run goes on with its next act; whether it then fails or returns is the file's say.
    instance.checkpoint()


@_do.register
def _(said: act.Fail, _: Stage, __: Instance) -> None:
    raise RuntimeError(said.text)


@_do.register
def _(_: act.Panic, __: Stage, ___: Instance) -> None:
    raise Panicked


@_do.register
def _(_: act.Unregister, __: Stage, instance: Instance) -> None:
    instance.task.unregister()


@_do.register
def _(said: act.Fire, stage: Stage, _: Instance) -> None:
    task = stage.task(said.task)
    if task is None:
        raise Wrong.nobody("task", said.task)
    task.fire()
