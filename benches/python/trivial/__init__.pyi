"""The compiled extension, for type checkers: the module itself is in the environment of the benches."""

from typing import final

@final
class Trivial:
    """An object that does nothing."""

    def __new__(cls) -> Trivial: ...
    def trivial(self) -> None: ...
    @property
    def nothing(self) -> None: ...
