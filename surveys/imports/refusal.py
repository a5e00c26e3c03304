"""Everything wrong with a mapping or a data file, said in one error."""

from collections.abc import Sequence

from surveys.errors import ImportFileError
from surveys.instrument_files import Problem

SHOWN = 20


def refusal(file: str, problems: Sequence[Problem]) -> ImportFileError:
    """Make one error of all problems found; its code is the first one's, `details` has them all."""
    lines = [f"{file}: {problem.where}: {problem.message}" for problem in problems[:SHOWN]]
    if len(problems) > SHOWN:
        lines.append(f"{file}: and {len(problems) - SHOWN} more problems")
    details = {problem.where: problem.message for problem in problems}
    return ImportFileError("\n".join(lines), code=problems[0].code, details=details)
