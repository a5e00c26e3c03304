"""Lines of the log hold no address that opens somebody's questionnaire, and no recruiter's id."""

import logging
import re

_HIDDEN = (
    # Tokens of links, of people, of mails, of invitations and new passwords; what a recruiter puts
    # into an address.
    (re.compile(r"(/(?:s|r|c|u|invitation|new-password/[^/\s]+)/)[^/\s?\"']+"), r"\1…"),
    (re.compile(r"\?[^\s\"'?]*=[^\s\"']*"), "?…"),
    (re.compile(r"(?i)(authorization\W+participant )\S+"), r"\1…"),
    # PostgreSQL names the values of a row that it refuses.
    (re.compile(r"(Key \([^)]*\)=)\([^)]*\)"), r"\1(…)"),
)


class SecretlessFormatter(logging.Formatter):
    """Formats a record, traceback included, and hides what must not be known."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as it may be kept."""
        line = super().format(record)
        for pattern, instead in _HIDDEN:
            line = pattern.sub(instead, line)
        return line
