"""The library: every instrument with its versions, and in which studies each is asked."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import Count, Q, QuerySet

from surveys.models import Block, InstrumentVersion, Item, Study
from surveys.selectors.studies import studies_for


@dataclass(frozen=True, slots=True)
class ListedInstrument:
    """An instrument in the list: what its latest version says, and how much there is of it."""

    slug: str
    latest: InstrumentVersion
    languages: tuple[str, ...]
    versions: int
    questions: int
    studies: int


@dataclass(frozen=True, slots=True)
class Uses:
    """In which studies an instrument is asked: those of the reader, and how many others."""

    own: tuple[Study, ...]
    others: int


def library(*, words: str = "", language: str = "", reader: str = "") -> list[ListedInstrument]:
    """The instruments in whose names or words all of the words occur, by title. Four queries.

    Titles are in the language of the `reader` where there is one in it.
    """
    versions = list(
        matching(words, language).select_related("instrument").order_by("instrument__slug", "pk")
    )
    by_slug: dict[str, list[InstrumentVersion]] = defaultdict(list)
    for one in InstrumentVersion.objects.filter(
        instrument__in={one.instrument_id for one in versions}
    ).select_related("instrument"):
        by_slug[one.instrument.slug].append(one)
    studies, questions = _studies_by_slug(), _questions()
    listed = [_listed(slug, rows, studies, questions, reader) for slug, rows in by_slug.items()]
    return sorted(listed, key=lambda one: (one.latest.title.casefold(), one.slug))


def languages_published() -> list[str]:
    """Every language that something is published in."""
    languages = InstrumentVersion.objects.order_by("language").values_list("language", flat=True)
    return list(languages.distinct())


def in_order(versions: Iterable[str]) -> list[str]:
    """Versions by their numbers, the latest first."""
    return sorted(set(versions), key=_numbers, reverse=True)


def uses_of(slug: str, version: str, user: AbstractBaseUser | AnonymousUser) -> Uses:
    """Where a version is asked, as far as somebody may know. Two queries."""
    asked = Q(blocks__versions__instrument__slug=slug, blocks__versions__version=version)
    own = tuple(studies_for(user).filter(asked).distinct())
    number = Study.objects.filter(asked).distinct().count()
    return Uses(own, number - len(own))


def matching(words: str, language: str = "") -> QuerySet[InstrumentVersion]:
    """Versions in one language, or in any, with all of the words in their names or items."""
    rows = InstrumentVersion.objects.all()
    for word in words.split():
        said = Q(instrument__slug__icontains=word) | Q(title__icontains=word)
        said |= Q(construct__icontains=word) | Q(citation__icontains=word)
        in_items = Item.objects.filter(text__icontains=word).values("version")
        rows = rows.filter(said | Q(pk__in=in_items))
    return rows.filter(language=language) if language else rows


def _listed(
    slug: str,
    rows: Sequence[InstrumentVersion],
    studies: dict[str, set[int]],
    questions: dict[int, int],
    reader: str,
) -> ListedInstrument:
    versions = in_order(one.version for one in rows)
    latest = [one for one in rows if one.version == versions[0]]
    latest.sort(key=lambda one: one.language != reader)
    return ListedInstrument(
        slug,
        latest[0],
        tuple(sorted(one.language for one in latest)),
        len(versions),
        questions.get(latest[0].pk, 0),
        len(studies.get(slug, ())),
    )


def _studies_by_slug() -> dict[str, set[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    rows = Block.objects.values_list("versions__instrument__slug", "study").distinct()
    for slug, study in rows:
        found[slug].add(study)
    return found


def _questions() -> dict[int, int]:
    """Version -> how many items are answered; those that are only read are none."""
    rows = Item.objects.exclude(response_scale__kind="information")
    return dict(rows.values_list("version").annotate(number=Count("pk")))


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdigit()]
