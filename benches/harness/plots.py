"""Draws the curves of the results: `python plots.py RESULTS.json FOLDER`.

A program of its own, since it needs matplotlib and the harness needs nothing: it runs in the environment that
`drawing.py` makes for it.
"""

from __future__ import annotations

import importlib
import json
import math
import sys
from pathlib import Path
from typing import Any

# By name, so that what checks types need not have it installed.
matplotlib: Any = importlib.import_module("matplotlib")
matplotlib.use("svg")
pyplot: Any = importlib.import_module("matplotlib.pyplot")

# Ours are strong, peers are grey and broken: apart also without colours.
_OURS = ("#0b5fa5", "#c44601", "#2a7f3f", "#7a3e9d", "#a88700")
_PEER = "#6b6b6b"
_PEERS: tuple[dict[str, Any], ...] = (
    {"linestyle": "--", "marker": "x"},
    {"linestyle": ":", "marker": "+"},
)
_MARKERS = "osD^v"

_SETTINGS = {
    # Text stays text: small, and in whatever fonts the reader has. The salt and the missing date make the same drawing
    # of the same numbers.
    "svg.fonttype": "none",
    "svg.hashsalt": "backstay",
    "font.family": "sans-serif",
    "font.size": 10,
    # A page may be dark.
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "axes.spines.top": False,
    "axes.spines.right": False,
}


def draw(plot: dict[str, Any], path: Path) -> None:
    """Draw one plot into a file."""
    figure, axes = pyplot.subplots(figsize=(7, 4.6), layout="constrained")
    ours = peers = 0
    for curve in plot["curves"]:
        # Memory that is counted in pages can come to nothing, which has no place on this axis.
        points = [point for point in curve["points"] if point["median"] > 0]
        sizes = [point["size"] for point in points]
        costs = [_drawn(plot, point) for point in points]
        style: dict[str, Any]
        if curve["is_peer"]:
            style = {"color": _PEER, **_PEERS[peers % len(_PEERS)]}
            peers += 1
        else:
            style = {"color": _OURS[ours % len(_OURS)], "marker": _MARKERS[ours % len(_MARKERS)]}
            ours += 1
        axes.plot(sizes, costs, label=curve["label"], markersize=5, **style)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xticks(sorted({point["size"] for curve in plot["curves"] for point in curve["points"]}))
    axes.xaxis.set_major_formatter(_plain)
    axes.yaxis.set_major_formatter(_plain)
    # Whole decades: only they have a number at their ends, and what lies within one would have none.
    low, high = axes.get_ylim()
    axes.set_ylim(10 ** math.floor(math.log10(low)), 10 ** math.ceil(math.log10(high)))
    axes.set_xlabel(plot["x"])
    axes.set_ylabel(plot["y"])
    axes.set_title(plot["title"], loc="left")
    axes.grid(True, which="major", color="#dddddd", linewidth=0.6)
    axes.minorticks_off()
    # Below, where it hides no curve, whatever was measured.
    figure.legend(loc="outside lower left", ncols=2, frameon=False, fontsize=9)
    figure.savefig(path, metadata={"Date": None, "Creator": None})
    pyplot.close(figure)


def _drawn(plot: dict[str, Any], point: dict[str, Any]) -> float:
    cost: float = point["median"] / plot["y_unit"]
    return cost * point["size"] if plot["of_all"] else cost


def _plain(value: float, _position: int) -> str:
    return f"{value:,.0f}" if value >= 1 else f"{value:g}"


def main() -> None:
    """Draw all plots of the results."""
    results, folder = Path(sys.argv[1]), Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    matplotlib.rcParams.update(_SETTINGS)
    for plot in json.loads(results.read_text(encoding="utf-8"))["plots"]:
        draw(plot, folder / f"{plot['id']}.svg")
        print(folder / f"{plot['id']}.svg")


if __name__ == "__main__":
    main()
