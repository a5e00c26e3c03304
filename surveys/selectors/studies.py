"""Which studies somebody has, how far they are, and what was said of them."""

from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, F, Model, Q, QuerySet, Sum

from surveys.errors import Refused, StudyError
from surveys.instrument_files import StudyDefinition
from surveys.languages import has_sentences, has_words
from surveys.models import Administration, Kind, RespondentGroup, Study
from surveys.paradata.collected import told
from surveys.roles import Act, roles_for

Row = TypeVar("Row", bound=Model)
# Where a row keeps what its reader is in its study; of a study it is `Study.reader_role`.
READER_ROLE = "reader_role"


def studies_for(user: AbstractBaseUser | AnonymousUser, act: Act = Act.SEE) -> QuerySet[Study]:
    """The studies with which `user` may do something, with the role (`reader_role`).

    None for a stranger, whoever it is: staff are strangers too where they are no members.
    """
    if not user.is_authenticated:
        return Study.objects.none()
    # In one filter: in two the role might be that of another member.
    enough = {} if act is Act.SEE else {"memberships__role__in": roles_for(act)}
    mine = Study.objects.filter(memberships__user_id=user.pk, **enough)
    return mine.annotate(**{READER_ROLE: F("memberships__role")})


def rows_for(
    user: AbstractBaseUser | AnonymousUser, rows: QuerySet[Row], path: str, act: Act = Act.SEE
) -> QuerySet[Row]:
    """The rows that belong to studies with which `user` may do something, with the role.

    `path` leads from a row to its study, as in a look-up. Rows are not repeated: nobody is twice in
    a study.
    """
    if not user.is_authenticated:
        # Without this a study without members would be everybody's.
        return rows.none()
    mine = {f"{path}__memberships__user_id": user.pk}
    enough = {} if act is Act.SEE else {f"{path}__memberships__role__in": roles_for(act)}
    role = {READER_ROLE: F(f"{path}__memberships__role")}
    found: QuerySet[Row] = rows.filter(**mine, **enough).annotate(**role)
    return found


def study_named(slug: str) -> Study:
    """A study by its name; `StudyError` (`study_unknown`) with the names there are."""
    study = Study.objects.filter(slug=slug).first()
    if study is None:
        known = ", ".join(Study.objects.values_list("slug", flat=True)) or "none yet"
        raise StudyError(Refused.STUDY_UNKNOWN, study=slug, known=known)
    return study


def studies_with_counts(user: AbstractBaseUser | AnonymousUser) -> QuerySet[Study]:
    """`studies_for` with how many completed: people, rehearsals, models."""
    completed = Q(
        administrations__status=Administration.Status.COMPLETED,
        administrations__respondent__test=False,
    )
    human = Q(administrations__respondent__kind=Kind.HUMAN)
    simulated = Q(administrations__respondent__simulated=True)
    return (
        studies_for(user)
        .select_related("previous")
        .annotate(
            people=Count("administrations", filter=completed & human & ~simulated),
            simulated_people=Count("administrations", filter=completed & human & simulated),
            model_sessions=Count("administrations", filter=completed & ~human),
        )
    )


def languages_in_english(study: Study | StudyDefinition) -> list[str]:
    """Languages of a study in which the program has no words: around the questions it is English.

    What people are asked is in their language all the same.
    """
    return [one for one in study.languages if not has_words(one)]


def languages_untold(study: Study | StudyDefinition) -> list[str]:
    """Languages of a study that lack a sentence of what it records of how people answer."""
    sentences = [one.sentence for one in told(study.settings.get("paradata", ()))]
    return [one for one in study.languages if not has_sentences(one, sentences)]


def role_in(study: Study, user: AbstractBaseUser | AnonymousUser) -> str:
    """The user's role in the study; empty for a stranger."""
    if not user.is_authenticated:
        return ""
    roles = study.memberships.filter(user_id=user.pk).values_list("role", flat=True)
    return roles.first() or ""


def study_groups(study: Study) -> list[RespondentGroup]:
    """The groups of a study: people, simulated people, then panels in the order they were made."""
    return list(study.groups.order_by("kind", "simulated", "pk"))


def respondent_flows(study: Study) -> dict[int, dict[str, int]]:
    """Group -> how many of it there are, began, declined, completed, stopped and withdrew.

    `on_pages` counts those who came through a recruiting link. Kinds are never added together.
    Two queries, however many groups there are.
    """
    status = Administration.Status
    of_group = "respondents__administration__status"
    counts = {
        "asked": Count("respondents"),
        "on_pages": Count("respondents", filter=Q(respondents__link__isnull=False)),
        "consented": Count("respondents__administration", filter=~Q(**{of_group: status.DECLINED})),
        **{
            value: Count("respondents__administration", filter=Q(**{of_group: value}))
            for value in status.values
        },
    }
    rows = study.groups.order_by().annotate(**counts).values("pk", "kind", "simulated", *counts)
    loads = _loads(study)
    return {
        row["pk"]: {
            "loads": loads.get(row["simulated"], 0) if row["kind"] == Kind.HUMAN else 0,
            **{name: row[name] for name in counts},
        }
        for row in rows
    }


def _loads(study: Study) -> dict[bool, int]:
    """Page loads of the study's links, of rehearsals (True) and of people."""
    rows = study.links.order_by("simulated").values("simulated")
    return dict(rows.annotate(all_loads=Sum("loads")).values_list("simulated", "all_loads"))


def stated_facts(study: Study) -> dict[str, Any]:
    """What was said of a study, by key: what is stated stands before what its settings froze."""
    settings = study.settings
    asked = {"question": settings["question"]} if settings.get("question") else {}
    frozen = {**asked, **settings.get("report", {}), **settings.get("people", {})}
    frozen.pop("language", None)
    return {**frozen, **study.facts}
