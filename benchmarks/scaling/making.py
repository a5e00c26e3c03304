"""Studies of any size, on PostgreSQL: a few sessions are really conducted, then copied by COPY.

What is copied are rows that the program wrote itself: tokens, times, traits and answers are new.
"""
# ruff: noqa: SLF001 - `_meta` is the documented way to a model's columns

import random
import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import own_study
from cloning import CHECKED, UNCHECKED, clone, without_indexes

SEED = 20_260_401
PATTERNS = 6


@dataclass(frozen=True)
class Size:
    """How many studies, and how much is in each."""

    studies: int
    people: int
    sessions: int
    panels: int

    @property
    def answers(self) -> int:
        """Answers of all of them."""
        return self.studies * (self.people + self.sessions) * len(own_study.REFS)


def make(size: Size) -> None:
    """Fill an empty, migrated installation; prints where it is."""
    from django.contrib.auth import get_user_model

    owner, _ = get_user_model().objects.get_or_create(username="owner")
    first = _study("scale-00", owner, size.panels)
    _fill(first, size)
    print("study 1: filled by COPY", flush=True)
    offset = _room()
    for number in range(1, size.studies):
        other = _study(f"scale-{number:02}", owner, size.panels, conducted=False)
        clone(first.study.pk, other.study.pk, number * offset, *_matching(first, other))
        print(f"study {number + 1}", flush=True)
    _analyse()


def grow(times: int) -> None:
    """Let every study have so many times its respondents, in the groups that it has.

    The calls of models are left as they are: what is asked for are answers.
    """
    from surveys.models import Study

    offset = _room()
    with without_indexes("surveys_answer"):
        for study in Study.objects.filter(slug__startswith="scale-").order_by("pk"):
            same = {pk: pk for pk in study.groups.values_list("pk", flat=True)}
            for more in range(1, times):
                # Below the first offset stands what there was before.
                without = ("Attempt", "Submission")
                clone(study.pk, study.pk, more * offset, same, {}, without, offset)
            print(study.slug, flush=True)
    _analyse()


@dataclass(frozen=True)
class Made:
    """A study with its people and its panels."""

    study: Any
    rehearsed: Any
    people: Any
    link: Any
    panels: Sequence[Any]


def _study(slug: str, owner: Any, panels: int, *, conducted: bool = True) -> Made:
    """A study by the program's own use cases; where it is `conducted`, a few sessions of each."""
    from analysis.plans.files import parse_plan
    from analysis.plans.services import freeze_plan
    from llm_respondents.design.spec import PanelSpec
    from llm_respondents.services import recruit_panel, run_panel
    from surveys.instrument_files import parse_draft, parse_instrument
    from surveys.services import create_link, open_study
    from surveys.services.audit import command_actor
    from surveys.services.drafts import Materials, load_draft
    from surveys.services.rehearsal import rehearse
    from surveys.services.studies import people_group
    from surveys.simulation import bundled_profile

    by = command_actor()
    instruments = tuple(parse_instrument(own_study.instrument(one)) for one in own_study.SCALES)
    read = parse_draft(own_study.study(slug), instruments=instruments)
    materials = Materials(read.definition, read.lacking, instruments)
    study, _ = load_draft(materials=materials, owner=owner, by=by)
    study = open_study(study=study, by=by, people=False)
    rehearsal = create_link(study=study, label="Rehearsal", simulated=True, by=by)
    if conducted:
        profile = bundled_profile("people")
        rehearse(link=rehearsal, profile=profile, people=PATTERNS, seed=SEED, by=by)
    people, rehearsed = (people_group(study=study, simulated=one) for one in (False, True))
    link = create_link(study=study, label="Everybody", by=by)
    text = own_study.plan(slug)
    freeze_plan(study=study, plan=parse_plan(text), source=text, reference_group=people.key, by=by)
    made = []
    for number in range(1, panels + 1):
        spec = PanelSpec(
            provider="scripted",
            model="scripted:people-like",
            profile="people-like",
            sessions=PATTERNS,
            seed=SEED + number,
            label=f"Model {number}",
        )
        panel = recruit_panel(study=study, spec=spec, key=f"model-{number}", by=by)
        if conducted:
            run_panel(panel_id=panel.pk, by=by)
        else:
            _empty(panel)
        made.append(panel)
    return Made(study, rehearsed, people, link, made)


def _empty(panel: Any) -> None:
    """Its sessions come from the first study."""
    from django.utils import timezone

    from surveys.models import Respondent

    panel.members.all().delete()
    Respondent.objects.filter(group=panel.group).delete()
    now = timezone.now()
    type(panel).objects.filter(pk=panel.pk).update(
        status="complete", ended_reason="complete", started_at=now, ended_at=now
    )


def _fill(made: Made, size: Size) -> None:
    fill = _Filling(made.study)
    of_people = {"group_id": made.people.pk, "link_id": made.link.pk, "simulated": False}
    fill.copy(made.rehearsed, size.people, 0.0, of_people)
    for number, panel in enumerate(made.panels):
        wanted = size.sessions // size.panels + (number < size.sessions % size.panels)
        fill.copy(panel.group, wanted - PATTERNS, 0.1 * number)


def _matching(first: Made, other: Made) -> tuple[dict[int, int], dict[int, int]]:
    """Groups and panels of the first study, and those that stand for them in another."""
    pairs = [(first.people, other.people), (first.rehearsed, other.rehearsed)]
    pairs += [(a.group, b.group) for a, b in zip(first.panels, other.panels, strict=True)]
    panels = {a.pk: b.pk for a, b in zip(first.panels, other.panels, strict=True)}
    return {a.pk: b.pk for a, b in pairs}, panels


def _room() -> int:
    """A number above every key of a respondent or an administration."""
    from django.db.models import Max

    from surveys.models import Administration, Respondent

    tops = (model.objects.aggregate(Max("pk"))["pk__max"] for model in (Respondent, Administration))
    return 10 ** len(str(max(top or 0 for top in tops)))


class _Filling:
    """Copies what a few respondents of a group left, as often as wanted."""

    def __init__(self, study: Any) -> None:
        self.study = study

    def copy(
        self, group: Any, wanted: int, shift: float, instead: Mapping[str, Any] | None = None
    ) -> None:
        """Add `wanted` respondents like those of a group, but for what they have `instead`."""
        from django.db import connection

        from surveys.models import Administration, Respondent

        models = _copied(group.kind == "llm")
        sessions = Administration.objects.filter(respondent__group=group).order_by("pk")
        patterns = [_Pattern(one, models, instead or {}) for one in sessions]
        with connection.cursor() as cursor:
            cursor.execute(UNCHECKED)
            first = {model: _next_key(cursor, model) for model in (Respondent, Administration)}
            for model in models:
                columns = patterns[0].columns[model]
                names = ", ".join(f'"{name}"' for name in columns)
                table = model._meta.db_table
                with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                    for line in self._lines(model, patterns, wanted, first, shift):
                        copy.write(line)
            for model in (Respondent, Administration):
                _set_key(cursor, model)
            cursor.execute(CHECKED)

    def _lines(
        self, model: Any, patterns: Sequence["_Pattern"], wanted: int, first: Any, shift: float
    ) -> Iterator[str]:
        keys = list(first.values())
        dice = random.Random(f"{self.study.pk} {shift}")
        for number in range(wanted):
            pattern = patterns[number % len(patterns)]
            values = {
                "R": str(keys[0] + number),
                "A": str(keys[1] + number),
                "T": secrets.token_urlsafe(16),
                "N": str(PATTERNS + 1 + number),
            }
            if model.__name__ == "Answer":
                yield from pattern.answers(values["A"], dice, shift)
                continue
            for template in pattern.templates[model]:
                line = template
                for name, value in values.items():
                    line = line.replace(f"\0{name}\0", value)
                yield line


def _copied(models: bool) -> tuple[Any, ...]:
    from llm_respondents.models import Attempt, PanelMember
    from surveys.models import Administration, Answer, Consent, Respondent, Submission

    return (
        Respondent,
        Administration,
        *((PanelMember, Attempt) if models else (Consent,)),
        Submission,
        Answer,
    )


class _Pattern:
    """The rows of one respondent as lines for COPY, with places for what is another's."""

    def __init__(
        self, administration: Any, models: Sequence[Any], instead: Mapping[str, Any]
    ) -> None:
        self.columns: dict[Any, list[str]] = {}
        self.templates: dict[Any, list[str]] = {}
        pk, respondent = administration.pk, administration.respondent_id
        for model in models:
            rows = _rows_of(model, pk, respondent)
            if model.__name__ == "Respondent":
                for name, value in instead.items():
                    setattr(rows[0], name, value)
            fields = [f for f in model._meta.concrete_fields if self._keeps(model, f)]
            self.columns[model] = [f.column for f in fields]
            self.templates[model] = [
                "\t".join(_cell(model, f, row) for f in fields) + "\n" for row in rows
            ]
        self.items = _item_rows(pk)

    @staticmethod
    def _keeps(model: Any, field: Any) -> bool:
        return not field.primary_key or model.__name__ in ("Respondent", "Administration")

    def answers(self, administration: str, dice: random.Random, shift: float) -> Iterator[str]:
        """New answers to the same questions, by three traits of which two move the third."""
        trust, care = dice.gauss(0, 1), dice.gauss(0, 1)
        sharing = 0.4 * trust + 0.3 * care + dice.gauss(0, 0.8)
        traits = {"trust": trust, "care": care, "sharing": sharing}
        for block, item, position, when in self.items:
            value = min(5, max(1, round(3 + shift + 0.8 * traits[block] + dice.gauss(0, 0.8))))
            yield (
                f"{administration}\t{item}\t\\N\t{value}\t\\N\t\\N\t\t{position}\t"
                f"{dice.randrange(900, 9000)}\t1\t{when}\n"
            )


def _item_rows(pk: int) -> list[tuple[str, int, int, str]]:
    from surveys.models import Answer

    rows = Answer.objects.filter(administration=pk).order_by("position")
    named = rows.values_list("item__version__instrument__slug", "item", "position", "answered_at")
    return [
        (slug.removeprefix("scale-"), item, place, when.isoformat())
        for slug, item, place, when in named
    ]


def _rows_of(model: Any, administration: int, respondent: int) -> list[Any]:
    by = {
        "Respondent": {"pk": respondent},
        "Administration": {"pk": administration},
        "PanelMember": {"respondent": respondent},
        "Consent": {"respondent": respondent},
    }.get(model.__name__, {"administration": administration})
    return list(model._base_manager.filter(**by).order_by("pk"))


def _cell(model: Any, field: Any, row: Any) -> str:
    """A column of a row as COPY takes it; keys, tokens and numbers are places."""
    name = model.__name__
    if field.primary_key:
        return "\0R\0" if name == "Respondent" else "\0A\0"
    if field.name in ("administration", "respondent"):
        return "\0A\0" if field.name == "administration" else "\0R\0"
    if name == "Administration" and field.name == "token":
        return "\0T\0"
    if name == "PanelMember" and field.name == "number":
        return "\0N\0"
    if name == "Respondent" and field.name == "recruiter_id" and row.recruiter_id:
        return "one-\0N\0"
    return _as_text(field, row)


def _as_text(field: Any, row: Any) -> str:
    import json

    value = getattr(row, field.attname)
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    if isinstance(value, dict | list):
        value = json.dumps(value)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _next_key(cursor: Any, model: Any) -> int:
    cursor.execute(f"SELECT COALESCE(MAX(id), 0) + 1 FROM {model._meta.db_table}")
    return int(cursor.fetchone()[0])


def _set_key(cursor: Any, model: Any) -> None:
    table = model._meta.db_table
    sequence = f"pg_get_serial_sequence('{table}', 'id')"
    cursor.execute(f"SELECT setval({sequence}, MAX(id)) FROM {table}")


def _analyse() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
