"""Every property and method of an object, ready to be used: for what must hold for all of them."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

#: What is given for a parameter of this name; the others have to have a default.
GIVEN: dict[str, Any] = {
    "age": 1,
    "details": {"a": 1},
    "error": "told",
    "grace": 0.01,
    "handle": 0,
    "handler": print,
    "label": "a label",
    "name": "a name",
    "note": "a note",
    "on": True,
    "progress": 1,
    "run": print,
    "seconds": 0,
    "stack": "a stack",
    "timeout": 0.01,
}


def members(thing: Any) -> Iterator[tuple[str, Callable[[], object]]]:
    """The name of each, and a function that reads the property, or calls the method with what it needs."""
    kind = type(thing).__name__
    for name in dir(type(thing)):
        if name.startswith("_"):
            continue
        if inspect.isroutine(getattr(type(thing), name)):
            yield f"{kind}.{name}()", calling(thing, name)
        else:
            yield f"{kind}.{name}", lambda name=name: getattr(thing, name)  # type: ignore[misc]
    yield f"repr({kind})", lambda: repr(thing)
    yield f"hash({kind})", lambda: hash(thing)
    yield f"{kind} == itself", lambda: thing.__eq__(thing)
    if hasattr(thing, "__exit__"):
        yield f"with {kind}", lambda: in_a_block(thing)
    if hasattr(thing, "set_progress") or hasattr(type(thing), "progress"):
        yield f"{kind}.progress = 1", lambda: setattr(thing, "progress", 1)


def calling(thing: Any, name: str) -> Callable[[], object]:
    """A call of the method with the arguments it needs, and never without a timeout."""
    parameters = inspect.signature(getattr(thing, name)).parameters.values()
    plain = [p.kind is not p.VAR_KEYWORD and p.kind is not p.VAR_POSITIONAL for p in parameters]
    needed = {
        p.name: GIVEN[p.name]
        for p, ordinary in zip(parameters, plain)
        if ordinary and (p.default is p.empty or p.name in ("timeout", "grace"))
    }
    by_position = [p.name for p in parameters if p.kind is p.POSITIONAL_ONLY and p.name in needed]

    def call() -> object:
        named = {name: value for name, value in needed.items() if name not in by_position}
        answer = getattr(thing, name)(*(needed[name] for name in by_position), **named)
        if inspect.iscoroutine(answer):
            # Its first step is what would use the object.
            try:
                answer.send(None)
            except StopIteration:
                pass
            finally:
                answer.close()
        return answer

    return call


def in_a_block(thing: Any) -> None:
    """Enters and leaves the object as a context manager."""
    with thing:
        pass
