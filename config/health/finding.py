"""One thing that was looked at."""

from dataclasses import dataclass
from typing import Literal

State = Literal["good", "note", "bad"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at; `advice` says what to do, and is empty where all is well.

    `code` is what the check that found it is called, if it was one.
    """

    name: str
    said: str
    state: State = "good"
    advice: str = ""
    code: str = ""
