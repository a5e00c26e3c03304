"""What this app finds: studies, instruments, and people by code or id."""

from urllib.parse import urlencode

from django.db.models import Q, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from surveys.models import InstrumentVersion, Study
from surveys.roles import Act
from surveys.selectors import studies_for
from surveys.selectors.instrument_library import matching
from surveys.services.people.listing import people_found
from surveys.workspace.finding import Finder, Found, Hit, User


def _studies(user: User, words: str, most: int) -> Found:
    """Studies by their name, or by their title in any language; archived ones too."""
    rows = studies_for(user).annotate(all_titles=Cast("titles", TextField()))
    for word in words.split():
        rows = rows.filter(Q(slug__icontains=word) | _in_titles(word))
    found = list(rows.order_by("archived_at", "-pk")[: most + 1])
    return Found([_study_hit(study) for study in found[:most]], more=len(found) > most)


def _in_titles(word: str) -> Q:
    # SQLite compares without regard to case in ASCII only, and keeps other letters escaped.
    spellings = {word, word.lower(), word.capitalize()}
    escaped = {one.encode("unicode_escape").decode().replace("\\x", "\\u00") for one in spellings}
    found = Q()
    for one in spellings | escaped:
        found |= Q(all_titles__icontains=one)
    return found


def _study_hit(study: Study) -> Hit:
    about = f"{study.slug} · {_(study.get_status_display())}"
    if study.archived_at:
        about += f" · {_('archived')}"
    return Hit(reverse("surveys:study", args=[study.slug]), study.title(get_language()), about)


def _instruments(user: User, words: str, most: int) -> Found:  # noqa: ARG001 - all may see all
    """Instruments by name, construct, citation or the words of an item."""
    rows = matching(words).select_related("instrument").order_by("instrument__slug", "-pk")
    found = list(rows[: 8 * most])
    found.sort(key=lambda one: (one.instrument.slug, one.language != get_language()))
    by_slug: dict[str, InstrumentVersion] = {}
    for one in found:
        by_slug.setdefault(one.instrument.slug, one)
    hits = [
        Hit(reverse("surveys:instrument", args=[slug]), one.title, f"{slug} · {one.construct}")
        for slug, one in by_slug.items()
    ]
    library = reverse("surveys:instrument_library") + "?" + urlencode({"q": words})
    return Found(hits[:most], more=len(hits) > most, all_at=library)


def _people(user: User, words: str, most: int) -> Found:
    """People by their completion code, or by the whole of a recruiter's id.

    Only of studies whose people one may know: who may not does not find out by looking one up. The
    id itself is not shown: whoever looks for it knows it.
    """
    hits = []
    studies = studies_for(user, Act.IDENTITIES)
    for person in people_found(studies=studies, text=words, most=most):
        place = reverse("surveys:people", args=[person.study.slug])
        status = person.administration.get_status_display()
        hits.append(
            Hit(
                f"{place}?{urlencode({'q': words})}",
                _("Person %(n)s") % {"n": person.pk},
                f"{person.study.title(get_language())} · {_(status)}",
            )
        )
    return Found(hits)


FINDERS = (
    Finder("studies", gettext_lazy("Studies"), _studies),
    Finder("instruments", gettext_lazy("Instruments"), _instruments),
    Finder("people", gettext_lazy("People"), _people),
)
