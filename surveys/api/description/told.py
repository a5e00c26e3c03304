"""What an action takes and answers, as its view says it in `takes` and `answers`.

The keys are names of actions, or ``action.method`` where one has several methods. A shape is a
serializer, a type of plain values (a TypedDict, a dataclass), or a JSON schema. Without an entry a
list, one row, a new row and a deletion are what the view's serializer says.
"""

from typing import Any, NamedTuple

from typing_extensions import TypedDict

JSON = "application/json"
PDF = "application/pdf"
TOML = "application/toml"
ZIP = "application/zip"


class Answer(NamedTuple):
    """One good answer: its shape (None: no content), status and form.

    `pages` marks rows that come in pages; `called` is the name of the operation where the usual one
    would not read well. `or_status` and `or_media` are what may stand there as well; `or_begun` is
    the shape of a 202, where much work becomes a job.
    """

    shape: Any = None
    status: int = 200
    media: str = JSON
    pages: bool = False
    called: str = ""
    or_status: int = 0
    or_media: tuple[str, ...] = ()
    or_begun: Any = None


def made(shape: Any, called: str = "") -> Answer:
    """Something that is there from now on."""
    return Answer(shape, 201, called=called)


def begun(shape: Any, called: str = "") -> Answer:
    """Work that a worker does from now on."""
    return Answer(shape, 202, called=called)


def paged(shape: Any, called: str = "") -> Answer:
    """Rows in pages."""
    return Answer(shape, pages=True, called=called)


def content_of(media: str, called: str = "") -> Answer:
    """The bytes of a file."""
    return Answer({"type": "string", "format": "binary"}, media=media, called=called)


class StartedJob(TypedDict):
    """The job that does it; `/api/jobs/<id>/` says how far it is and what came of it."""

    job: int


class ProblemRow(TypedDict):
    """One mistake: where, its code, what varies in its sentence, and the sentence."""

    path: str
    code: str
    arguments: dict[str, str | int | float]
    sentence: str
