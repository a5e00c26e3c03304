"""The tab on what a study asks: its blocks, its languages, its files."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from surveys.instrument_files import stored_flow
from surveys.models import Block, InstrumentVersion, Study
from surveys.paradata.collected import told
from surveys.selectors import study_blocks
from surveys.services.definitions import readiness
from surveys.views.membership import member_page


@require_safe
@member_page
def design(request: HttpRequest, study: Study) -> HttpResponse:
    """What the study asks, in the order of its blocks."""
    context = {
        "study": study,
        "ready": readiness(study) if study.status == Study.Status.DRAFT else None,
        "blocks": [(block, _versions(block, study)) for block in study_blocks(study)],
        "checks": study.attention_checks.values("key").distinct().count(),
        "demographics": len(study.demographics),
        "flow": stored_flow(study.flow),
        "recorded": [_(one.sentence) for one in told(study.settings.get("paradata", ()))],
        "published": _published() if study.status == Study.Status.DRAFT else (),
        "can_delete": study.may["delete"] and not study.respondents.exists(),
    }
    return render(request, "surveys/design.html", context)


def _published() -> list[tuple[str, str]]:
    """What can be asked: (name and version, title), by title."""
    rows = InstrumentVersion.objects.select_related("instrument").order_by("pk")
    # The title in the reader's language is the last to be put in, where there is one.
    mine = sorted(rows, key=lambda one: one.language == get_language())
    titles = {f"{one.instrument.slug} {one.version}": one.title for one in mine}
    return sorted(titles.items(), key=lambda one: (one[1].casefold(), one[0]))


def _versions(block: Block, study: Study) -> list[InstrumentVersion]:
    """The block in each language, the study's own language first."""
    versions: list[InstrumentVersion] = list(block.versions.all())
    return sorted(versions, key=lambda one: one.language != study.default_language)
