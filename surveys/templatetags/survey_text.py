"""Texts of studies as paragraphs, problems in words, numbers with a true minus."""

import re

from django import template
from django.utils.formats import number_format
from django.utils.html import conditional_escape, escape, format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from surveys import languages
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
def around(language: str | None) -> str:
    """The language of the words around questions that are asked in `language`."""
    return languages.words_in(language)


@register.filter
def is_rtl(language: str | None) -> bool:
    """Whether a language is written from right to left; one that nobody knows is not."""
    return languages.is_rtl(language)


@register.filter
def of_study(language: str | None) -> str:
    """What an element says whose words are the study's; nothing where the page says it already."""
    return _marked(language) if language and not languages.has_words(language) else ""


@register.filter
def in_study(text: str, language: str | None) -> str:
    """Words of the study within a sentence of the program, with their language where it differs."""
    words = of_study(language)
    return format_html("<bdi{}>{}</bdi>", words, text) if words else text


@register.filter
def of_program(language: str | None) -> str:
    """What an element says whose words are the program's, within one that says `of_study`."""
    return _marked(languages.FALLBACK) if of_study(language) else ""


def _marked(language: str) -> SafeString:
    direction = "rtl" if languages.is_rtl(language) else "ltr"
    return format_html(' lang="{}" dir="{}"', language, direction)


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
