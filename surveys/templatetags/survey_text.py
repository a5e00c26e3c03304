"""Texts of studies as paragraphs, problems in words, numbers with a true minus."""

import re

from django import template
from django.utils.formats import number_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language_info, gettext

from surveys.codes import Problem

register = template.Library()

# "How long it takes: About 8 minutes." - a paragraph that says at its start what it is about.
LEAD = re.compile(r"^(?P<lead>[^.:!?]{3,60}:)\s+(?P<rest>.+)$", re.DOTALL)

_EMPHASIS = re.compile(r"\*\*(\S(?:[^*\n]*\S)?)\*\*")


@register.filter
def paragraphs(text: str) -> SafeString:
    """Plain text as paragraphs, split at empty lines, with the leading words of each set off."""
    parts = [part.strip() for part in re.split(r"\n\s*\n", text) if part.strip()]
    return format_html_join("\n", "<p>{}</p>", ((_with_lead(part),) for part in parts))


@register.filter
def marked(text: str) -> SafeString:
    """Words of a question: ``**emphasis**`` set off, and lines broken as they were written."""
    return mark_safe(_EMPHASIS.sub(r"<strong>\1</strong>", escape(text)).replace("\n", "<br>"))  # noqa: S308 - escaped


@register.filter
def is_rtl(language: str | None) -> bool:
    """Whether a language is written from right to left; one that nobody knows is not."""
    try:
        return bool(language and get_language_info(language)["bidi"])
    except KeyError:
        return False


@register.filter
def unmarked(text: str) -> str:
    """Words of a question in one line, without mark-up."""
    return " ".join(_EMPHASIS.sub(r"\1", text).split())


@register.filter
def in_words(problem: Problem) -> str:
    """What is wrong or missing and what to do, in the reader's language."""
    return problem.said(gettext)


@register.filter
def decimal(number: float | None, places: int = 2) -> str:
    """A number with so many decimals in the reader's language; a dash for none."""
    if number is None:
        return "–"
    return number_format(round(number, places) + 0.0, places).replace("-", "−")


@register.filter
def duration(seconds: float | None) -> str:
    """Seconds as people say them; a dash for none."""
    if seconds is None:
        return "–"
    if seconds < 60:
        return gettext("%(n)d s") % {"n": round(seconds)}
    return gettext("%(n)d min") % {"n": seconds // 60}


def _with_lead(paragraph: str) -> SafeString:
    if match := LEAD.match(paragraph):
        return format_html("<strong>{}</strong> {}", match["lead"], match["rest"])
    return conditional_escape(paragraph)
