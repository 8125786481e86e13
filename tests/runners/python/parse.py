"""From the text of a scenario to its steps.

A file is read as a whole before anything is played, so a step that the language does not know fails the file
wherever it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar, get_args

import act
import options
import step
from names import ON_OFF, duration, reason, small_number, status, value
from options import read_options, unknown
from trouble import Failure
from words import Fault, Words, parts, without_comment

Kind = TypeVar("Kind")


def parse(text: str) -> list[step.Line]:
    lines: list[step.Line] = []
    for number, said in enumerate(map(without_comment, text.split("\n")), 1):
        try:
            # A quote that is not closed is no empty line.
            if not Words(said).are_left():
                continue
            line = _line(number, said)
        except Fault as fault:
            raise Failure(number, str(fault)) from None
        # A host that was refused leaves no host behind, so another `host` may follow.
        is_first = all(before.refused and isinstance(before.step, step.Host) for before in lines)
        if isinstance(line.step, step.Host) and not line.refused and not is_first:
            raise Failure(number, "`host` stands once, before all other steps")
        lines.append(line)
    return lines


def _line(number: int, text: str) -> step.Line:
    """Read ``refused CODE: STEP``, or a step that must not be refused."""
    if not _is_refused(text):
        return step.Line(number, None, _step(text))
    rest = Words(text)
    rest.keyword("refused")
    refused = status(rest.headed("the name of a status"))
    # A status has no colon and no quote, so the first colon is the one behind it.
    text = text.partition(":")[2]
    fault = Fault("this step is nothing that the library could refuse")
    if _is_refused(text):
        raise fault
    said = _step(text)
    if isinstance(said, get_args(step.Other)):
        raise fault
    return step.Line(number, refused, said)


def _is_refused(text: str) -> bool:
    return Words(text).word("a step") == "refused"


def _step(text: str) -> step.Step:
    rest = Words(text)
    if Words(text).word("a step") == "run":
        return _run(text)
    return _read(STEPS, "a step", rest)


def _run(text: str) -> step.Run:
    """Read ``run NAME: ACT; ACT; …``; its separators are only known before the quotes are gone."""
    first, *others = (Words(part) for part in parts(text, ";"))
    first.keyword("run")
    task = first.headed("the name of a task")
    # Nothing stands behind the last `;`.
    acts = (_read(ACTS, "an act", rest) for rest in (first, *others) if rest.are_left())
    return step.Run(task, tuple(acts))


def _read(readers: Mapping[str, Callable[[Words], Kind]], what: str, rest: Words) -> Kind:
    kind = rest.word(what)
    if kind not in readers:
        # "a step" or "an act".
        raise Fault(f'unknown {what.split()[1]} "{kind}"')
    found = readers[kind](rest)
    rest.end()
    return found


def _task_name(rest: Words) -> str:
    return rest.word("the name of a task")


def _instance_name(rest: Words) -> str:
    return rest.word("the name of an instance")


def _new_name(rest: Words) -> str:
    """Read ``as I``.

    The words that follow ``expect`` and ``suspend`` are taken, since an instance of that name could not be meant.
    """
    rest.keyword("as")
    name = rest.word("the name of the instance")
    if name in ("host", "task"):
        raise Fault(f'an instance cannot be called "{name}"; choose another name')
    return name


def _target(rest: Words) -> step.Target:
    word = rest.word("host, task NAME or the name of an instance")
    if word == "host":
        return step.OfHost()
    return step.OfTask(_task_name(rest)) if word == "task" else step.OfInstance(word)


def _label_of_instance(rest: Words) -> tuple[str, str]:
    """Read ``LABEL of I``."""
    label = rest.word("a label")
    rest.keyword("of")
    return label, _instance_name(rest)


def _unregister(rest: Words) -> step.Unregister:
    task = _task_name(rest)
    words = rest.rest()
    if words not in ((), ("cancel",)):
        raise unknown(words[0])
    return step.Unregister(task, cancel=bool(words))


def _expect(rest: Words) -> step.Step:
    target = _target(rest)
    if isinstance(target, step.OfTask):
        return step.ExpectTask(target.task, **read_options(rest, options.EXPECT_TASK))
    if isinstance(target, step.OfInstance):
        return step.ExpectInstance(target.instance, **read_options(rest, options.EXPECT_INSTANCE))
    return step.ExpectHost(**read_options(rest, options.EXPECT_HOST))


# Arguments are read from left to right, as the words stand there.
STEPS: Mapping[str, Callable[[Words], step.Step]] = {
    "host": lambda rest: step.Host(**read_options(rest, options.HOST)),
    "condition": lambda rest: step.Condition(
        rest.word("the name of a condition"), value(ON_OFF, rest.word("on or off"))
    ),
    "task": lambda rest: step.Task(rest.word("the name of the task"), **read_options(rest, options.TASK)),
    "fire": lambda rest: step.Fire(_task_name(rest), _new_name(rest), **read_options(rest, options.DETAILS)),
    "raise": lambda rest: step.Raise(
        rest.word("the name of an event"), **read_options(rest, options.DETAILS)
    ),
    "new": lambda rest: step.New(_task_name(rest), _new_name(rest)),
    "go": lambda rest: step.Go(_instance_name(rest)),
    "defer": lambda rest: step.Defer(*_label_of_instance(rest)),
    "complete": lambda rest: step.Complete(*_label_of_instance(rest)),
    "drop": lambda rest: step.Drop(*_label_of_instance(rest)),
    "fail": lambda rest: step.Fail(*_label_of_instance(rest), rest.text("the text of the error")),
    "progress": lambda rest: step.Progress(_instance_name(rest), small_number(rest.word("a number"))),
    "cancel": lambda rest: step.Cancel(_instance_name(rest), reason(rest.word("a reason"))),
    "suspend": lambda rest: step.Suspend(_target(rest), **read_options(rest, options.SUSPEND)),
    "resume": lambda rest: step.Resume(_target(rest)),
    "unregister": _unregister,
    "enable": lambda rest: step.Enable(_task_name(rest)),
    "advance": lambda rest: step.Advance(duration(rest.word("a duration"))),
    "drain": lambda rest: step.Drain(duration(rest.word("a duration"))),
    "shutdown": lambda rest: step.Shutdown(duration(rest.word("a duration"))),
    "joined": lambda rest: step.Joined(**read_options(rest, options.JOINED)),
    "expect": _expect,
    "trace": lambda rest: step.Trace(rest.headed("the name of an instance"), rest.rest()),
}

ACTS: Mapping[str, Callable[[Words], act.Act]] = {
    "defer": lambda rest: act.Defer(rest.word("a label")),
    "complete": lambda rest: act.Complete(rest.word("a label")),
    "progress": lambda rest: act.Progress(small_number(rest.word("a number"))),
    "hold": lambda _: act.Hold(),
    "checkpoint": lambda _: act.Checkpoint(),
    "fail": lambda rest: act.Fail(rest.text("the text of the error")),
    "panic": lambda _: act.Panic(),
    "unregister": lambda _: act.Unregister(),
    "fire": lambda rest: act.Fire(_task_name(rest)),
    "return": lambda _: act.Return(),
}
