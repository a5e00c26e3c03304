"""`{{ reason|words:"outcome" }}`: outcomes, flags and reasons in the reader's language."""

from decimal import Decimal

from django import template
from django.utils.formats import number_format
from django.utils.translation import gettext

from llm_respondents.codes import CallFlag
from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Panel
from llm_respondents.readout import sentences
from llm_respondents.web.words import in_words
from surveys.codes import SentenceCode

register = template.Library()


@register.filter
def words(value: str, kind: str) -> str:
    """A state or an outcome in words; see `llm_respondents.web.words.in_words`."""
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
def percent(share: float) -> str:
    """A share as a percentage with one decimal."""
    return f"{number_format(100 * share, 1)} %"


@register.filter
def span(seconds: float) -> str:
    """A length of time in the largest unit of which there are two at least."""
    if seconds >= 2 * 86400:
        return gettext("%(n)s days") % {"n": number_format(seconds / 86400, 1)}
    if seconds >= 2 * 3600:
        return gettext("%(n)s hours") % {"n": number_format(seconds / 3600, 1)}
    if seconds >= 120:
        return gettext("%(n)s minutes") % {"n": number_format(seconds / 60, 0)}
    return gettext("%(n)s seconds") % {"n": number_format(max(seconds, 1), 0)}


@register.filter
def halt(panel: Panel) -> sentences.Told:
    """Why a panel halted, with what the endpoint said itself; empty for one that did not."""
    return sentences.halt_of(panel)


@register.filter
def end(panel: Panel) -> sentences.Told:
    """Why a panel is over; empty while it is not."""
    return sentences.end_of(panel)


@register.filter
def sentence(code: SentenceCode) -> str:
    """The sentence of a code that has no arguments, such as a flag or a note."""
    return sentences.sentence_of(code)


@register.filter
def flag(value: str) -> str:
    """What is suspicious about a call, by a flag that is stored with it."""
    known = CallFlag.of(value)
    return sentences.sentence_of(known) if known else value


@register.filter
def without_secrets(detail: str) -> str:
    """What is said about a call, without the addresses and keys that it may quote."""
    return sentences.without_secrets(detail)
