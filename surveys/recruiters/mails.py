"""Mails as they are asked for: their words in each language, places to be filled, rates. Pure."""

import csv
import io
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from surveys.codes import Problem, SentenceCode, advice
from surveys.codes import marked as _

PLACES = ("link", "unsubscribe", "study", "pseudonym", "closes")
NEEDED = ("link", "unsubscribe")
RECIPIENTS = ("all", "not_begun", "not_ended")
MOST_PER_MINUTE = 600
LONGEST_SUBJECT = 200
LONGEST_TEXT = 20_000
_PLACE = re.compile(r"\{([^{}\n]{0,40})\}")
# One address and nothing else; whether anybody reads there only a mail can tell.
_ADDRESS = re.compile(r"[^@\s<>,;\"]+@[^@\s<>,;\"]+\.[^@\s<>,;\".]+")


class MailMistake(SentenceCode):
    """What is wrong with a mail or with addresses."""

    EMPTY = (
        "mail_empty",
        _("This is missing in %(language)s; every language of the study needs it."),
    )
    UNKNOWN_PLACE = (
        "unknown_place",
        _("Nothing can be filled in for %(given)s; %(advice)s"),
    )
    PLACE_MISSING = (
        "place_missing",
        _("The text has no %(place)s: people need it in every mail."),
    )
    IN_SUBJECT = "in_subject", _("A subject holds no address: leave %(place)s out of it.")
    LINES_IN_SUBJECT = "lines_in_subject", _("A subject is one line.")
    TOO_LONG = "mail_too_long", _("This is longer than %(most)s signs; write it shorter.")
    RATE = "rate", _("Give a whole number of mails a minute, from 1 to %(most)s.")
    RECIPIENTS = "recipients", _("%(given)r are no recipients; use one of %(known)s.")
    UNKNOWN_LANGUAGE = (
        "unknown_language_here",
        _("The study is not available in %(given)r; use one of %(known)s."),
    )
    UNKNOWN_PERSON = "unknown_person", _("Nobody on the list is called %(given)r.")
    NO_ADDRESS = "no_address", _("%(given)r is no mail address.")
    TWICE = "address_twice", _("%(given)r stands there twice.")


@dataclass(frozen=True, slots=True)
class MailDraft:
    """A mail in each language, to whom, and how many are sent in a minute."""

    subjects: Mapping[str, str]
    texts: Mapping[str, str]
    recipients: str = "all"
    per_minute: int = 30


@dataclass(frozen=True, slots=True)
class Address:
    """Where one person of a list is reached; the study's first language where none is named."""

    pseudonym: str
    address: str
    language: str = ""


def mail_problems(draft: MailDraft, languages: Sequence[str]) -> list[Problem]:
    """Everything that is wrong with a mail."""
    found: list[Problem] = []
    for language in languages:
        subject, text = draft.subjects.get(language, ""), draft.texts.get(language, "")
        found += _of_subject(f"subjects.{language}", subject, language)
        found += _of_text(f"texts.{language}", text, language)
    if not 1 <= draft.per_minute <= MOST_PER_MINUTE:
        found.append(Problem("per_minute", MailMistake.RATE, {"most": MOST_PER_MINUTE}))
    if draft.recipients not in RECIPIENTS:
        about = {"given": draft.recipients, "known": ", ".join(RECIPIENTS)}
        found.append(Problem("recipients", MailMistake.RECIPIENTS, about))
    return found


def _of_subject(where: str, subject: str, language: str) -> Iterator[Problem]:
    if not subject.strip():
        yield Problem(where, MailMistake.EMPTY, {"language": language})
    if "\n" in subject or "\r" in subject:
        yield Problem(where, MailMistake.LINES_IN_SUBJECT)
    if len(subject) > LONGEST_SUBJECT:
        yield Problem(where, MailMistake.TOO_LONG, {"most": LONGEST_SUBJECT})
    for name in _PLACE.findall(subject):
        if name in NEEDED:
            yield Problem(where, MailMistake.IN_SUBJECT, {"place": f"{{{name}}}"})
    yield from _unknown(where, subject)


def _of_text(where: str, text: str, language: str) -> Iterator[Problem]:
    if not text.strip():
        yield Problem(where, MailMistake.EMPTY, {"language": language})
        return
    if len(text) > LONGEST_TEXT:
        yield Problem(where, MailMistake.TOO_LONG, {"most": LONGEST_TEXT})
    for name in NEEDED:
        if f"{{{name}}}" not in text:
            yield Problem(where, MailMistake.PLACE_MISSING, {"place": f"{{{name}}}"})
    yield from _unknown(where, text)


def _unknown(where: str, text: str) -> Iterator[Problem]:
    for name in dict.fromkeys(_PLACE.findall(text)):
        if name not in PLACES:
            about = {"given": f"{{{name}}}", "advice": advice(name, PLACES)}
            yield Problem(where, MailMistake.UNKNOWN_PLACE, about)


def filled_in(text: str, values: Mapping[str, str]) -> str:
    """The text with its places filled; what is put in is not looked at again."""
    return _PLACE.sub(lambda found: values.get(found[1], found[0]), text)


def read_addresses(text: str) -> tuple[Address, ...]:
    """One person a line: pseudonym, address, and perhaps a language, as a spreadsheet writes it."""
    parted_by = max(",;\t", key=text.count)
    rows = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=parted_by)
    cells = [[cell.strip() for cell in row] for row in rows if any(cell.strip() for cell in row)]
    if cells and cells[0][0].lower() == "pseudonym":
        del cells[0]
    return tuple(Address(*(*row, "", "")[:3]) for row in cells)


def address_problems(
    addresses: Sequence[Address], people: Collection[str], languages: Collection[str]
) -> list[Problem]:
    """Everything that is wrong with addresses of the people of a list."""
    found: list[Problem] = []
    seen: set[str] = set()
    for number, one in enumerate(addresses, start=1):
        where = f"addresses[{number}]"
        if one.pseudonym not in people:
            found.append(Problem(where, MailMistake.UNKNOWN_PERSON, {"given": one.pseudonym}))
        elif one.pseudonym in seen:
            found.append(Problem(where, MailMistake.TWICE, {"given": one.pseudonym}))
        seen.add(one.pseudonym)
        if not _ADDRESS.fullmatch(one.address) or len(one.address) > 254:
            found.append(Problem(where, MailMistake.NO_ADDRESS, {"given": one.address[:80]}))
        if one.language and one.language not in languages:
            about = {"given": one.language, "known": ", ".join(languages)}
            found.append(Problem(where, MailMistake.UNKNOWN_LANGUAGE, about))
    return found
