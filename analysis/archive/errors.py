"""Errors of the archive.

ValueError
└── ArchiveError    .code, and a sentence that says what to do
"""


class ArchiveError(ValueError):
    """What an archive was to be made of contradicts itself."""

    def __init__(self, message: str, *, code: str) -> None:
        super().__init__(message)
        self.code = code
