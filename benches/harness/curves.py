"""What is drawn: how a cost grows with the number of instances or with the load."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from .checkout import Checkout
from .goals import FRESH_ROUNDS, QUICK_ROUNDS, Work
from .players import Company
from .sampling import Samples

_LIVING = (10, 1_000, 100_000, 1_000_000)


@dataclass(frozen=True)
class Curve:
    """One work of the Rust player, over all sizes of its plot."""

    label: str
    name: str
    is_peer: bool = False


@dataclass(frozen=True)
class Plot:
    """One drawing, which plots.py makes from the results."""

    id: str
    #: By which `ONLY` finds it.
    goal: str
    title: str
    x: str
    y: str
    sizes: tuple[int, ...]
    #: Curves of one group are played side by side; more than that would need their memory all at once.
    groups: tuple[tuple[Curve, ...], ...]
    #: How many nanoseconds or bytes one unit of y has.
    y_unit: float = 1
    fresh: bool = False
    #: The drawing shows the cost of all pieces and not of one.
    of_all: bool = False


PLOTS = (
    Plot(
        "growth",
        "P11",
        "Cost of a piece while others are alive",
        "live instances",
        "ns per piece",
        _LIVING,
        (
            (
                Curve("hold: take + complete", "deferral_among"),
                Curve("swansong: guard with report", "swansong_guard_among", is_peer=True),
            ),
            (Curve("fire: the call alone", "fire_among"),),
            (
                Curve("fire, until Completed is delivered", "batch_among"),
                Curve("tokio: spawn + tracker + token", "tokio_batch_among", is_peer=True),
            ),
            (Curve("holders(), per instance listed", "holders_among"),),
            (Curve("snapshot(), per instance listed", "snapshot_among"),),
        ),
    ),
    Plot(
        "latency",
        "P5",
        "From the firing to its code, two workers (median)",
        "firings per second",
        "latency in µs",
        (1_000, 10_000, 50_000, 100_000, 200_000, 400_000),
        ((Curve("backstay", "latency"), Curve("tokio", "tokio_latency", is_peer=True)),),
        y_unit=1e3,
    ),
    Plot(
        "memory",
        "P7",
        "Resident memory of what is parked",
        "parked instances or tasks",
        "MB",
        (1_000, 10_000, 100_000, 1_000_000),
        (
            (
                Curve("backstay: instance with one hold", "parked_bytes"),
                Curve("tokio: task + child token + tracker token", "tokio_parked_bytes", is_peer=True),
            ),
        ),
        y_unit=1e6,
        fresh=True,
        of_all=True,
    ),
)


def play(checkout: Checkout, plot: Plot) -> dict[str, object]:
    """Play all points of a plot and give what the results keep of it."""
    points: dict[str, list[dict[str, object]]] = {}
    for group in plot.groups:
        with closing(Company(checkout, quick=False)) as company:
            for size in plot.sizes:
                for name, samples in _point(company, plot, group, size).items():
                    points.setdefault(name, []).append({"size": size, **samples.as_json()})
            company.finish()
    curves = [
        {"label": curve.label, "name": curve.name, "is_peer": curve.is_peer, "points": points[curve.name]}
        for group in plot.groups
        for curve in group
    ]
    axes = {"id": plot.id, "title": plot.title, "x": plot.x, "y": plot.y}
    return {**axes, "y_unit": plot.y_unit, "of_all": plot.of_all, "curves": curves}


def _point(company: Company, plot: Plot, group: tuple[Curve, ...], size: int) -> dict[str, Samples]:
    values: dict[str, list[float]] = {curve.name: [] for curve in group}
    # The first round is warm-up, unless each sample begins anew.
    for _ in range(FRESH_ROUNDS if plot.fresh else 1 + QUICK_ROUNDS):
        for curve in group:
            values[curve.name].append(company.play(Work("rust", curve.name, size, fresh=plot.fresh)))
    return {name: Samples(tuple(all_of_it[0 if plot.fresh else 1 :])) for name, all_of_it in values.items()}
