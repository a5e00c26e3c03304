"""No line of the log opens somebody's questionnaire or names them to a recruiter."""

import logging
import logging.config

import pytest
from django.conf import settings

TOKEN = "kX3vQ9aaZbbYccXddWeeVf"
ID = "5f2c8a9b3d4e5f6a7b8c9d0e"


def line_of(message: str, *args: object, exc: Exception | None = None) -> str:
    formatter = settings.LOGGING["formatters"]["line"]
    made = logging.config.DictConfigurator({"version": 1}).configure_formatter(dict(formatter))
    info = (type(exc), exc, None) if exc else None
    record = logging.LogRecord("django.server", 20, "", 0, message, args, info)
    return made.format(record)


@pytest.mark.parametrize(
    ("message", "args"),
    [
        ('"%s" %s %s', (f"GET /r/{TOKEN}/3/ HTTP/1.1", "200", "5900")),
        ('"%s" %s %s', (f"GET /r/{TOKEN} HTTP/1.1", "301", "0")),
        ('"%s" %s %s', (f"POST /u/{TOKEN}/ HTTP/1.1", "200", "900")),
        ('"%s" %s %s', (f"POST /s/{TOKEN}/begin/?PROLIFIC_PID={ID} HTTP/1.1", "302", "0")),
        ('"%s" %s %s', (f"GET /c/12:abc:{TOKEN}/ HTTP/1.1", "200", "1")),
        ("Internal Server Error: %s", (f"/r/{TOKEN}/withdraw/",)),
        ("Not Found: %s", (f"/s/{TOKEN}/?survey_code={ID}",)),
        ("Broken pipe from http://x.org/s/%s/?a=1&id=%s", (TOKEN, ID)),
        ("Authorization: Participant %s", (TOKEN,)),
    ],
)
def test_tokens_and_ids_are_left_out(message, args):
    line = line_of(message, *args)
    assert TOKEN not in line
    assert ID not in line
    assert "…" in line


def test_a_traceback_is_searched_too():
    error = ValueError(f"duplicate DETAIL:  Key (token)=({TOKEN}) already exists.")
    line = line_of("failed", exc=error)
    assert TOKEN not in line
    assert "Key (token)=(…)" in line


def test_other_lines_are_left_as_they_are():
    assert line_of("Panel 3 halted: rate?").endswith("django.server: Panel 3 halted: rate?")


@pytest.mark.parametrize("name", ["", "django.server"])
def test_every_handler_hides_them(name):
    handlers = logging.getLogger(name).handlers
    ours = [h for h in handlers if type(h) is logging.StreamHandler]
    assert ours
    assert {type(h.formatter).__name__ for h in ours} == {"SecretlessFormatter"}
