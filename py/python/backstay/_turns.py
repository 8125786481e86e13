"""Turns of threads: for a thread of the library that calls one function after the other (`stretch.rs`)."""


def give_way() -> None:
    """Let another thread have its turn, if one waits: so does every function of Python when it begins."""
