"""What the expectations look at, and how what they saw is told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

import step
from backstay import DrainReport, Holder, Host, Instance, State, Task
from names import written, written_duration, written_reason
from traces import Traces
from trouble import Wrong

Value = TypeVar("Value")


class Comparison:
    """What was expected beside what was seen; true when all is as expected."""

    def __init__(self) -> None:
        self._expected = ""
        self._seen = ""
        self._differs = False

    def __bool__(self) -> bool:
        return not self._differs

    def add(
        self,
        name: str,
        expected: Value | None,
        seen: Value | None,
        write: Callable[[Value], str] = written,
    ) -> None:
        """One value more: what is not expected is not compared, what does not exist yet is never equal."""
        if expected is None:
            return
        is_expected = write(expected)
        is_seen = None if seen is None else write(seen)
        self._differs |= is_seen != is_expected
        self._expected += f" {name}={is_expected}"
        self._seen += f" no {name}" if is_seen is None else f" {name}={is_seen}"

    def check(self) -> None:
        """Raise Wrong unless all is as expected."""
        if self._differs:
            raise Wrong(f"expected{self._expected}, saw{self._seen}")


def compare_instance(expected: step.ExpectInstance, instance: Instance, traces: Traces) -> Comparison:
    state = instance.state
    # There is no completion before all is over.
    over = instance.completion
    details = instance.details
    comparison = Comparison()
    comparison.add("state", _word(expected.state), _told(state, traces.of(instance)))
    comparison.add("outcome", expected.outcome, over and over.outcome)
    comparison.add("reason", expected.reason, instance.canceled, written_reason)
    comparison.add("error", expected.error, over and (over.error or ""))
    comparison.add("deferrals", expected.deferrals, len(instance.holders()))
    comparison.add("progress", expected.progress, instance.progress)
    comparison.add("suspended", expected.suspended, instance.suspended_count)
    comparison.add("throttled", expected.throttled, instance.throttle_count())
    comparison.add("details", expected.details, "" if details is None else details)
    comparison.add("dropped", expected.dropped, over and _labels(over.dropped))
    comparison.add("remaining", expected.remaining, instance.remaining, written_duration)
    return comparison


def compare_task(expected: step.ExpectTask, task: Task) -> Comparison:
    comparison = Comparison()
    comparison.add("running", expected.running, task.running)
    comparison.add("pending", expected.pending, task.pending)
    comparison.add("registered", expected.registered, task.registered)
    comparison.add("disabled", expected.disabled, task.disabled)
    return comparison


def compare_host(expected: step.ExpectHost, host: Host) -> Comparison:
    comparison = Comparison()
    comparison.add("stragglers", expected.stragglers, host.stragglers)
    comparison.add("holders", expected.holders, sum(len(held.holders) for held in host.holders()))
    comparison.add("state", expected.state, host.state)
    return comparison


def compare_report(expected: step.Joined, report: DrainReport) -> Comparison:
    held = (*report.abandoned, *report.remaining)
    # An entry point has no label: what it occupies shows as a straggler.
    holders = tuple(label for one in held for label in _labels(one.holders) if label)
    comparison = Comparison()
    comparison.add("finished", expected.finished, report.finished)
    comparison.add("abandoned", expected.abandoned, len(report.abandoned))
    comparison.add("holders", expected.holders, holders)
    return comparison


def _told(state: State, trace: tuple[str, ...]) -> str:
    """The state, which counts once its event was delivered as well: a mark written next then stands after it."""
    event = {State.PENDING: "", State.RUNNING: "started", State.FINISHED: "completed:"}[state]
    is_told = not event or any(entry.startswith(event) for entry in trace)
    return written(state) + ("" if is_told else " without its event")


def _word(state: State | None) -> str | None:
    return None if state is None else written(state)


def _labels(holders: Iterable[Holder]) -> tuple[str, ...]:
    return tuple(holder.label for holder in holders)
