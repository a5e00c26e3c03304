"""`{{ panel.status|words:"panel" }}`: states, outcomes and flags in the reader's language."""

from decimal import Decimal

from django import template

from llm_respondents import transcripts
from llm_respondents.endpoints import NANO
from llm_respondents.words import in_words

register = template.Library()


@register.filter
def words(value: str, kind: str) -> str:
    """A state, outcome or flag in words; see `llm_respondents.words.in_words`."""
    return in_words(kind, value)


@register.filter
def money(nano: int | None) -> str:
    """Billionths of the currency with two decimals, or four below ten."""
    if nano is None:
        return "–"
    amount = Decimal(nano) / NANO
    return f"{amount:,.2f}" if abs(amount) >= 10 else f"{amount:.4f}"


@register.filter
def without_secrets(detail: str) -> str:
    """What is said about a call, without the addresses and keys that it may quote."""
    return transcripts.without_secrets(detail)
