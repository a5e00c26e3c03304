"""Which studies somebody has, how far they are, and what was said of them."""

from collections.abc import Collection
from typing import Any, TypeVar

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import F, Model, QuerySet, Sum

from surveys.errors import Refused, StudyError
from surveys.instrument_files import StudyDefinition
from surveys.languages import has_sentences, has_words
from surveys.models import Kind, RecruitingLink, RespondentGroup, Study
from surveys.paradata.collected import PROOF_OF_WORK, told
from surveys.roles import Act, roles_for
from surveys.selectors.counting import completed_by, flow_of, number_of, numbers_of_group
from surveys.statements import Slot

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
    enough = {} if act is Act.SEE else {f"{path}__memberships__role__in": roles_for(act)}
    return rows_of_member(user.pk, rows, path, **enough)


def rows_of_member(
    user: int | Slot, rows: QuerySet[Row], path: str, **enough: Collection[str]
) -> QuerySet[Row]:
    """What `rows_for` gives to the user with a key: for queries that are put together once."""
    role = {READER_ROLE: F(f"{path}__memberships__role")}
    mine = {f"{path}__memberships__user_id": user}
    # In one filter: in two the role might be that of another member.
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
    return (
        studies_for(user)
        .select_related("previous")
        .annotate(
            people=number_of(completed_by(Kind.HUMAN, simulated=False)),
            simulated_people=number_of(completed_by(Kind.HUMAN, simulated=True)),
            model_sessions=number_of(completed_by(Kind.LLM)),
        )
    )


def languages_in_english(study: Study | StudyDefinition) -> list[str]:
    """Languages of a study in which the program has no words: around the questions it is English.

    What people are asked is in their language all the same.
    """
    return [one for one in study.languages if not has_words(one)]


def languages_untold(
    study: Study | StudyDefinition, recorded: Collection[str] | None = None
) -> list[str]:
    """Languages of a study that lack a sentence of what is recorded of how people answer.

    `recorded` is what the study says, unless something else is given.
    """
    codes = study.settings.get("paradata", ()) if recorded is None else recorded
    sentences = [one.sentence for one in told(codes)]
    return [one for one in study.languages if not has_sentences(one, sentences)]


def recorded_at(link: RecruitingLink) -> list[str]:
    """What is recorded of how people answer who come through a link: the study's, and the link's.

    What a link asks for beside is not asked for where nobody could be told.
    """
    recorded = list(link.study.settings.get("paradata", ()))
    if link.proof_of_work and PROOF_OF_WORK not in recorded:
        recorded += [] if languages_untold(link.study, [PROOF_OF_WORK]) else [PROOF_OF_WORK]
    return recorded


def role_in(study: Study, user: AbstractBaseUser | AnonymousUser) -> str:
    """The user's role in the study; empty for a stranger."""
    if not user.is_authenticated:
        return ""
    roles = study.memberships.filter(user_id=user.pk).values_list("role", flat=True)
    return roles.first() or ""


def study_groups(study: Study) -> list[RespondentGroup]:
    """The groups of a study: people, simulated people, then panels in the order they were made."""
    return list(study.groups.order_by("kind", "simulated", "pk"))


def free_name(study: Study, field: str, wanted: str, *, numbered: str) -> str:
    """What no group of the study has in a field: the name that is wanted, or it with a number.

    `numbered` is what stands behind it then, such as ``" ({})"``; a long name is cut for it.
    """
    base = wanted[:-8] if len(wanted) > 100 else wanted
    taken = set(study.groups.filter(**{f"{field}__startswith": base}).values_list(field, flat=True))
    numbers = (base + numbered.format(number) for number in range(2, len(taken) + 3))
    return next(one for one in (wanted, *numbers) if one not in taken)


def respondent_flows(study: Study) -> dict[int, dict[str, int]]:
    """Group -> how many of it there are, began, declined, completed, stopped and withdrew.

    `erased` are those whom a member erased on request, or whose time had come; they are not among
    the withdrawn.

    `on_pages` counts those who came through a recruiting link. Kinds are never added together.
    Two queries, however many groups there are.
    """
    numbers = numbers_of_group()
    rows = study.groups.order_by().annotate(**numbers).values("pk", "kind", "simulated", *numbers)
    loads = _loads(study)
    return {
        row["pk"]: {
            "loads": loads.get(row["simulated"], 0) if row["kind"] == Kind.HUMAN else 0,
            **flow_of(row),
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
