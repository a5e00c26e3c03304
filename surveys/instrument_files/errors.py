"""What can be wrong with an instrument or study, said so that its author can put it right.

InstrumentFileError(ValueError)   a file is not a valid instrument or study
UnknownLanguage(ValueError)       a language that the instrument or study does not have
UnknownBundle(ValueError)         no study of that name comes with the program
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing to correct: where (key path, or line and column), what to do, and a stable code."""

    where: str
    message: str
    code: str


class InstrumentFileError(ValueError):
    """A file is not a valid instrument or study; `also` lists what else was found in one pass."""

    def __init__(
        self, file: str, where: str, message: str, code: str, also: Sequence[Problem] = ()
    ) -> None:
        self.file = file
        self.where = where
        self.message = message
        self.code = code
        self.also = tuple(also)
        super().__init__("\n".join(f"{file}: {p.where}: {p.message}" for p in self.problems))

    @classmethod
    def of(cls, file: str, problems: Sequence[Problem]) -> InstrumentFileError:
        """Make one error of all problems found, in the order of the file; at least one."""
        first, *also = problems
        return cls(file, first.where, first.message, first.code, also)

    @property
    def problems(self) -> tuple[Problem, ...]:
        """Everything to correct, in the order of the file."""
        return (Problem(self.where, self.message, self.code), *self.also)


class UnknownLanguage(ValueError):
    """The language is none of those that the instrument or study was written in."""

    code = "unknown_language"

    def __init__(self, slug: str, language: str, known: Sequence[str]) -> None:
        super().__init__(f"{slug} has no language {language!r}; choose from {', '.join(known)}")


class UnknownBundle(ValueError):
    """No bundled study has this slug."""

    code = "unknown_bundle"

    def __init__(self, slug: str, known: Sequence[str]) -> None:
        super().__init__(f"no bundled study is called {slug!r}; choose from {', '.join(known)}")
