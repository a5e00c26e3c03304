"""Finding calls of a panel by what was asked and replied, by outcome, flag and question.

found = search_calls(panel, CallQuery(text="privacy", outcome="refused"))
excerpts(found[0], "privacy")     # where the hit is, with what stands around it
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Func, Q, QuerySet, TextField
from django.db.models.functions import Cast

from llm_respondents.models import Attempt, Panel
from surveys.models import Study
from surveys.selectors import study_content

# Characters on either side of a hit.
AROUND = 90
_LABEL = 60
# How many calls are read at most for a search through all panels.
LOOKED_AT = 2_000


class Said(Func):
    """What a call said to the model, as text: the instruction, where it is new, and the question.

    Earlier turns that are sent again stand between the two and belong to their own calls.
    """

    output_field = TextField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Join the contents from SQLite's JSON."""
        template = (
            "(SELECT group_concat(json_extract(value, '$.content'), char(10)) "
            "FROM json_each(%(expressions)s) WHERE json_extract(value, '$.role') = 'system' "
            "OR key = json_array_length(%(expressions)s) - 1)"
        )
        return self.as_sql(compiler, connection, template=template, **more)

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        """Join the contents from jsonb."""
        template = (
            "(SELECT string_agg(message->>'content', E'\\n') "
            "FROM jsonb_array_elements(%(expressions)s) WITH ORDINALITY AS each(message, place) "
            "WHERE message->>'role' = 'system' OR place = jsonb_array_length(%(expressions)s))"
        )
        return self.as_sql(compiler, connection, template=template, **more)


@dataclass(frozen=True, slots=True)
class CallQuery:
    """What to look for; "" does not narrow. `question` is a question ref of the study."""

    text: str = ""
    outcome: str = ""
    flag: str = ""
    question: str = ""


@dataclass(frozen=True, slots=True)
class Excerpt:
    """A hit with what stands around it; `where` is said, reply, refusal or detail."""

    where: str
    before: str
    hit: str
    after: str


def search_calls(panel: Panel, query: CallQuery) -> QuerySet[Attempt]:
    """The calls of a panel that match, by session and then in the order in which they were made."""
    calls: QuerySet[Attempt] = Attempt.objects.of(panel)
    if query.outcome:
        calls = calls.filter(outcome=query.outcome)
    if query.flag:
        calls = _holding(calls, "flags", query.flag)
    if query.question:
        calls = _holding(calls, "refs", query.question)
    if query.text:
        calls = calls.annotate(said=Said(F("new_messages"))).filter(_anywhere(query.text))
    calls = calls.select_related("administration__respondent__panel_member")
    return calls.order_by("administration__respondent__panel_member__number", "pk")


def latest_replies(studies: QuerySet[Study], text: str, most: int) -> list[Attempt]:
    """The latest calls of these studies in whose reply the text stands, of `LOOKED_AT` at most."""
    calls = Attempt.objects.filter(administration__study__in=studies)
    latest = calls.order_by("-pk").values("pk")[:LOOKED_AT]
    said = Q()
    for spelling in _spellings(text):
        said |= Q(reply__icontains=spelling)
    found = Attempt.objects.filter(said, pk__in=latest).select_related(
        "administration__respondent__panel_member__panel__group"
    )
    return list(found.order_by("-pk")[:most])


def excerpts(attempt: Attempt, text: str) -> list[Excerpt]:
    """The first hit in each part of a call; without a text to look for, how its reply begins."""
    if not text:
        begin = attempt.reply or attempt.refusal or attempt.detail
        return [Excerpt("reply" if attempt.reply else "detail", _cut(begin), "", "")]
    return [found for where, part in _parts(attempt) if (found := _excerpt(where, part, text))]


def question_choices(study: Study) -> list[tuple[str, str]]:
    """(ref, words) of a study's questions in its order and default language, then its checks."""
    blocks = study_content(study, study.default_language).questionnaire.blocks
    questions = [(one.ref, one.text) for block in blocks for one in block.questions]
    checks = [(one.ref, one.text) for block in blocks for one in block.checks]
    return [(ref, f"{ref}: {_cut(text, _LABEL)}") for ref, text in questions + checks]


def _holding(calls: QuerySet[Attempt], name: str, value: str) -> QuerySet[Attempt]:
    """Calls whose list `name` holds the value; as text, because SQLite's JSON knows no contains."""
    as_text = f"{name}_as_text"
    wanted = {f"{as_text}__contains": json.dumps(value)}
    return calls.annotate(**{as_text: Cast(name, TextField())}).filter(**wanted)


def _anywhere(text: str) -> Q:
    found = Q()
    for spelling in _spellings(text):
        for part in ("said", "reply", "refusal", "detail"):
            found |= Q(**{f"{part}__icontains": spelling})
    return found


def _spellings(text: str) -> set[str]:
    """SQLite compares without regard to case in ASCII only; the usual cases of others are tried."""
    return {text} if text.isascii() else {text, text.lower(), text.upper(), text.capitalize()}


def _parts(attempt: Attempt) -> Iterator[tuple[str, str]]:
    for message in attempt.new_messages[:-1]:
        if message["role"] == "system":
            yield "said", message["content"]
    for message in attempt.new_messages[-1:]:
        yield "said", message["content"]
    yield from (("reply", attempt.reply), ("refusal", attempt.refusal), ("detail", attempt.detail))


def _excerpt(where: str, part: str, text: str) -> Excerpt | None:
    found = re.search(re.escape(text), part, re.IGNORECASE)
    if found is None:
        return None
    start, end = found.span()
    before, after = part[max(0, start - AROUND) : start], part[end : end + AROUND]
    return Excerpt(
        where,
        ("…" if start > AROUND else "") + before,
        found.group(),
        after + ("…" if len(part) > end + AROUND else ""),
    )


def _cut(text: str, longest: int = 2 * AROUND) -> str:
    return text if len(text) <= longest else text[:longest] + "…"
