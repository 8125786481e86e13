"""What each step calls.

What the library refuses leaves a step as one of REFUSALS, what is otherwise not as the file says as Wrong.
"""

from __future__ import annotations

from functools import singledispatch

import step
from backstay import Status
from expect import compare_host, compare_instance, compare_report, compare_task
from names import written
from opening import register_task
from player import Player
from trouble import REFUSALS, Answered, Wrong


def perform(player: Player, line: step.Line) -> None:
    """Carry out one step, and then wait until everything it caused was told (E7)."""
    player.leaves_marks = line.refused is None
    if line.refused is None:
        _carry_out(player, line.step)
    else:
        _refused(player, line.refused, line.step)
    player.flush()
    player.stage.check_mistakes()


def _refused(player: Player, status: str, said: step.Step) -> None:
    try:
        _carry_out(player, said)
    except REFUSALS as error:
        if error.status == status:
            return
        raise Wrong(f"expected {status}, saw {error.status} ({error})") from None
    raise Wrong(f"expected {status}, saw OK")


def _carry_out(player: Player, said: step.Step) -> None:
    if isinstance(said, step.Host):
        player.open(said)
    else:
        # Another step finds a host, even one that asks nothing of it.
        _ = player.host
        _act(said, player)


@singledispatch
def _act(said: step.Step, _: Player) -> None:
    raise NotImplementedError(f"{said} is no step")


@_act.register
def _(said: step.Condition, player: Player) -> None:
    player.host.set_condition(said.name, said.on)


@_act.register
def _(said: step.Task, player: Player) -> None:
    player.stage.set_task(said.called, register_task(said, player.stage, player.host))


@_act.register
def _(said: step.Run, player: Player) -> None:
    player.stage.set_script(said.task, said.acts)


@_act.register
def _(said: step.Fire, player: Player) -> None:
    player.name(said.name, player.task(said.task).fire(said.details))


@_act.register
def _(said: step.Raise, player: Player) -> None:
    player.host.raise_event(said.event, said.details)


@_act.register
def _(said: step.New, player: Player) -> None:
    task = player.task(said.task)
    found = player.stage.traces.wait_for(lambda: player.oldest_without_a_name(task))
    if found is None:
        raise Wrong(f"expected an instance of {said.task} without a name, saw none")
    player.name(said.name, found)


@_act.register
def _(said: step.Go, player: Player) -> None:
    run, gates = player.instance(said.instance), player.stage.gates
    if not gates.wait_for(run.id):
        seen = f"saw it elsewhere ({written(run.state)})"
        raise Wrong(f"expected the run of {said.instance} at a hold, {seen}")
    player.flush()
    player.by_hand(said.instance, "go")
    gates.let_pass(run.id)


@_act.register
def _(said: step.Defer, player: Player) -> None:
    instance = player.by_hand(said.instance, f"defer:{said.label}")
    player.stage.deferrals.take(instance, said.label)


@_act.register
def _(said: step.Complete, player: Player) -> None:
    instance = player.by_hand(said.instance, f"complete:{said.label}")
    _check(player.stage.deferrals.complete(instance, said.label))


@_act.register
def _(said: step.Drop, player: Player) -> None:
    instance = player.by_hand(said.instance, f"drop:{said.label}")
    was_pending = player.stage.deferrals.drop(instance, said.label)
    player.stage.complaints.take_dropped(said.label, was_pending=was_pending)


@_act.register
def _(said: step.Fail, player: Player) -> None:
    instance = player.by_hand(said.instance, f"fail:{said.label}")
    _check(player.stage.deferrals.fail(instance, said.label, said.text))


@_act.register
def _(said: step.Progress, player: Player) -> None:
    player.by_hand(said.instance, f"progress:{said.progress}").progress = said.progress


@_act.register
def _(said: step.Cancel, player: Player) -> None:
    player.by_hand(said.instance, "cancel").cancel(said.reason)


@_act.register
def _(said: step.Suspend, player: Player) -> None:
    player.at(said.target, "suspend").suspend(said.cause)


@_act.register
def _(said: step.Resume, player: Player) -> None:
    player.at(said.target, "resume").resume()


@_act.register
def _(said: step.Unregister, player: Player) -> None:
    player.task(said.task).unregister(cancel=said.cancel)


@_act.register
def _(said: step.Enable, player: Player) -> None:
    player.task(said.task).enable()


@_act.register
def _(said: step.Advance, player: Player) -> None:
    player.host.advance(said.by)


@_act.register
def _(said: step.Drain, player: Player) -> None:
    player.host.begin_drain(said.timeout)
    player.wait_for_report()


@_act.register
def _(said: step.Shutdown, player: Player) -> None:
    player.host.begin_shutdown(said.grace)
    player.wait_for_report()


@_act.register
def _(said: step.Joined, player: Player) -> None:
    compare_report(said, player.report()).check()


@_act.register
def _(said: step.ExpectInstance, player: Player) -> None:
    instance, traces = player.instance(said.instance), player.stage.traces
    traces.wait_for(lambda: compare_instance(said, instance, traces)).check()


@_act.register
def _(said: step.ExpectTask, player: Player) -> None:
    task = player.task(said.task)
    player.stage.traces.wait_for(lambda: compare_task(said, task)).check()


@_act.register
def _(said: step.ExpectHost, player: Player) -> None:
    host = player.host
    player.stage.traces.wait_for(lambda: compare_host(said, host)).check()


@_act.register
def _(said: step.Trace, player: Player) -> None:
    seen = player.stage.traces.of(player.instance(said.instance))
    if seen != said.events:
        raise Wrong(f"expected {' '.join(said.events)}, saw {' '.join(seen)}")


def _check(status: Status) -> None:
    """What a call that answers with a status instead of an exception has answered (L4)."""
    if status is not Status.OK:
        raise Answered(status, "as the call has answered")
