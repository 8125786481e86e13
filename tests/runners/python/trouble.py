"""How a step can go wrong, and how a file does."""

from __future__ import annotations

from backstay import BackstayError, Status


class Wrong(Exception):
    """Something else than expected was seen, or the file asks for what cannot be."""

    @classmethod
    def nobody(cls, what: str, name: str) -> Wrong:
        """There is no task, instance or deferral of that name in the file so far."""
        return cls(f'there is no {what} "{name}" at this point of the file')


class Answered(Exception):
    """A refusal that is no exception of the package: a status that a call gives (L4), or the runner's own."""

    def __init__(self, status: Status, text: str) -> None:
        super().__init__(text)
        self.status = status.name


#: Every refusal, which a ``refused`` may have asked for: each has a ``status``.
REFUSALS = (BackstayError, Answered)


class Failure(Exception):
    """Why a file failed."""

    def __init__(self, line: int, message: str) -> None:
        """Take a line from 1, and what was expected and seen instead; line 0 when it is no line's fault."""
        super().__init__(f"line {line}: {message}")


def message(error: Wrong | BackstayError | Answered) -> str:
    """What went wrong, as a failed file tells it."""
    return str(error) if isinstance(error, Wrong) else f"expected OK, saw {error.status} ({error})"
