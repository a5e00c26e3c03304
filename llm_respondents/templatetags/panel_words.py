"""`{{ panel.status|words:"panel" }}`: states, outcomes and flags in the reader's language."""

from decimal import Decimal

from django import template
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime

from llm_respondents.endpoints.file import NANO
from llm_respondents.readout import transcripts
from llm_respondents.web.words import in_words, quotes_endpoint

register = template.Library()


@register.filter
def words(value: str, kind: str) -> str:
    """A state, outcome or flag in words; see `llm_respondents.web.words.in_words`."""
    return in_words(kind, value)


@register.filter
def money(nano: int | None) -> str:
    """Billionths of the currency with two decimals, or four of small ones; a dash for no amount."""
    if nano is None:
        return "–"
    amount = Decimal(nano) / NANO
    places = 2 if abs(amount) >= 10 or not amount else 4
    return str(number_format(amount, places, force_grouping=True))


@register.filter
def grouped(count: float) -> str:
    """A count with its thousands set apart, as the reader's language does."""
    return str(number_format(round(count), 0, force_grouping=True))


@register.filter
def halt_note(note: str) -> str:
    """Why a panel halted; a code that the pages know is said in the reader's language."""
    return in_words("halt", note.partition(":")[0]) or transcripts.without_secrets(note)


@register.filter
def halt_quote(note: str) -> str:
    """What the endpoint itself said to a halt, if that is what the note quotes."""
    code, _, said = note.partition(":")
    return transcripts.without_secrets(said.strip()) if quotes_endpoint(code) else ""


@register.filter
def moment(written: str) -> str:
    """A time that is kept as text (ISO 8601), as the reader's language writes it."""
    found = parse_datetime(written)
    return date_format(localtime(found), "SHORT_DATETIME_FORMAT") if found else written


@register.filter
def without_secrets(detail: str) -> str:
    """What is said about a call, without the addresses and keys that it may quote."""
    return transcripts.without_secrets(detail)
