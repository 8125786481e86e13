"""What a run does, one after the other, as plain types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Union


@dataclass(frozen=True)
class Defer:
    label: str


@dataclass(frozen=True)
class Complete:
    """Completes a deferral of this instance, whoever took it."""

    label: str


@dataclass(frozen=True)
class Progress:
    progress: int


@dataclass(frozen=True)
class Hold:
    """Stands until a ``go`` lets it pass."""


@dataclass(frozen=True)
class Checkpoint:
    """Returns when the instance is not suspended, or is cancelled."""


@dataclass(frozen=True)
class Fail:
    text: str


@dataclass(frozen=True)
class Panic:
    """Leaves the entry point by what no ``except Exception`` catches."""


@dataclass(frozen=True)
class Unregister:
    """Unregisters the task of this instance."""


@dataclass(frozen=True)
class Fire:
    task: str


@dataclass(frozen=True)
class Return:
    pass


Act = Union[Defer, Complete, Progress, Hold, Checkpoint, Fail, Panic, Unregister, Fire, Return]
