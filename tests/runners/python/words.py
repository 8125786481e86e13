"""Lines, words and quotes: the lowest floor of the language.

Words are split at blanks. A quote may open anywhere in a word; inside quotes blanks, ``;`` and ``#`` are plain.
There are no escapes, so a word cannot contain a quote.
"""

from __future__ import annotations

from collections.abc import Callable


class Fault(Exception):
    """What is wrong with a step that cannot be read."""


def parts(text: str, separator: str) -> list[str]:
    """The parts of the text between the separators that stand outside of quotes; at least one."""
    return _split(text, lambda character: character == separator)


def without_comment(line: str) -> str:
    """What a line says without its comment."""
    return parts(line, "#")[0]


class Words:
    """Reads the words of one step from left to right; a Fault says which one is missing or wrong."""

    def __init__(self, text: str) -> None:
        if text.count('"') % 2 == 1:
            raise Fault("a quote is opened and not closed")
        # A pair of quotes with nothing inside is a word as well, which is empty.
        self._words = [part.replace('"', "") for part in _split(text, str.isspace) if part]
        self._next = 0

    def are_left(self) -> bool:
        return self._next < len(self._words)

    def word(self, what: str) -> str:
        """The next word, which is to be ``what``."""
        if not self.are_left():
            raise Fault(f"{what} is missing")
        self._next += 1
        return self._words[self._next - 1]

    def headed(self, what: str) -> str:
        """The next word, which is to be ``what`` followed by a colon."""
        found = self.word(f"{what} with a colon")
        if not found.endswith(":"):
            raise Fault(f'{what} "{found}" needs a colon after it')
        return found[:-1]

    def keyword(self, keyword: str) -> None:
        """The next word must be this one."""
        found = self.word(f"`{keyword}`")
        if found != keyword:
            raise Fault(f'`{keyword}` belongs where "{found}" stands')

    def text(self, what: str) -> str:
        """All that is left, as one text: words joined by one blank."""
        if not self.are_left():
            raise Fault(f"{what} is missing")
        return " ".join(self.rest())

    def rest(self) -> tuple[str, ...]:
        """All that is left, as it is."""
        left = self._words[self._next :]
        self._next = len(self._words)
        return tuple(left)

    def option(self) -> tuple[str, str | None]:
        """The next word as an option: ``key=value``, or a key alone."""
        key, equals, value = self.word("an option").partition("=")
        return key, value if equals else None

    def end(self) -> None:
        """Nothing may be left."""
        if self.are_left():
            raise Fault(f'"{self._words[self._next]}" is one word too many')


def _split(text: str, separates: Callable[[str], bool]) -> list[str]:
    found = [""]
    is_quoted = False
    for character in text:
        is_quoted ^= character == '"'
        if separates(character) and not is_quoted:
            found.append("")
        else:
            found[-1] += character
    return found
