"""The import of a questionnaire: a file is read and shown, and published when somebody says so.

Between the two nothing is stored here: what was read travels in the page, as the files that are
published, and is read again from there.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from surveys.errors import InstrumentError, QuestionnaireError, StudyError
from surveys.instrument_files import InstrumentFileError, to_toml
from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.made.formats import REVERSIBLE
from surveys.questionnaire_files.made.instruments import Import, MadeInstrument, with_reverse_keys
from surveys.questionnaire_files.made.report import by_weight
from surveys.services.audit import page_actor
from surveys.services.importing.questionnaires import publish_with_draft, read_import
from surveys.views.instruments.import_forms import ConfirmForm, QuestionnaireForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def import_questionnaire(request: HttpRequest) -> HttpResponse:
    """Ask for a file, show what becomes of it, and publish what was confirmed."""
    if request.method != "POST":
        return _asking(request, QuestionnaireForm())
    if "instrument" in request.POST:
        return _confirmed(request)
    form = QuestionnaireForm(request.POST, request.FILES)
    if not form.is_valid():
        return _asking(request, form)
    file = form.cleaned_data["file"]
    try:
        made = read_import(name=file.name, content=file.read(), said=form.said)
    except QuestionnaireFileError as error:
        form.add_error("file", error.problem.said(_))
    except QuestionnaireError as error:
        field = "options" if error.code == "options_unknown" else "language"
        form.add_error(field, error.said(_))
    else:
        return _shown(request, made, file.name)
    return _asking(request, form)


def _asking(request: HttpRequest, form: QuestionnaireForm) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "surveys/instruments/import.html", {"form": form}, status=status)


def _shown(request: HttpRequest, made: Import, name: str) -> HttpResponse:
    listed = [
        (_(weight.sentence), [(one.where, one.said(_)) for one in problems])
        for weight, problems in by_weight(made).items()
        if problems
    ]
    context = {
        "made": made,
        "name": name,
        "listed": listed,
        "instruments": [_card(one) for one in made.instruments],
        "form": ConfirmForm(initial={"study_file": to_toml(made.study)}),
    }
    return render(request, "surveys/instruments/import_shown.html", context)


def _card(made: MadeInstrument) -> dict[str, Any]:
    """An instrument as the page shows it."""
    values = with_reverse_keys(made, ())
    return {"text": to_toml(values), **_parts(values, set(made.claimed))}


def _parts(values: Mapping[str, Any], marked: set[str]) -> dict[str, Any]:
    languages = values.get("languages") or [""]
    base = languages[0]
    scales = {one["key"]: one for one in values.get("response_scales", ())}
    items = list(_items(values, scales, base, marked))
    return {
        "slug": values.get("slug", ""),
        "title": values.get("title", {}).get(base, ""),
        "instruction": values.get("instruction", {}).get(base, ""),
        "languages": ", ".join(languages),
        "items": items,
        "reversible": any(item["reversible"] for item in items),
    }


def _items(
    values: Mapping[str, Any], scales: Mapping[str, Any], base: str, marked: set[str]
) -> Iterator[dict[str, Any]]:
    before: Mapping[str, Any] = {}
    for item in values.get("items", ()):
        scale = scales.get(item["response_scale"], {})
        yield {
            "name": f"{values.get('slug')}/{item['key']}",
            "key": item["key"],
            "text": item["text"].get(base, ""),
            "marked": item["key"] in marked,
            "reversible": scale.get("kind", "choice") in REVERSIBLE,
            # Said once where several items in turn are answered alike.
            "answers": "" if scale is before else _answers(scale, base),
        }
        before = scale


def _answers(scale: Mapping[str, Any], base: str) -> str:
    """How a question is answered, in a line."""
    listed = [*scale.get("options", ()), *scale.get("labels", ()), *scale.get("unscored", ())]
    words = [
        f"{one['value']}: {one['label'].get(base, '')}" if "value" in one else one["label"][base]
        for one in listed
    ]
    ends = [scale[end] for end in ("minimum", "maximum", "earliest", "latest") if end in scale]
    span = "–".join(map(str, ends)) if ends else ""
    return " · ".join([*filter(None, [scale.get("kind", ""), span]), *words])


def _confirmed(request: HttpRequest) -> HttpResponse:
    form = ConfirmForm(request.POST)
    if form.is_valid():
        by = page_actor(request.user)
        assert by.user is not None  # as nobody passes the decorator without an account
        try:
            loaded = publish_with_draft(
                definitions=form.definitions, study=form.study, owner=by.user, by=by
            )
        except (InstrumentError, StudyError) as error:
            form.add_error(None, error.said(_))
        except InstrumentFileError as error:
            form.add_error(None, error.problems[0].said(_))
        else:
            said = ngettext(
                "One instrument is published.",
                "%(number)s instruments are published.",
                len(form.definitions),
            )
            messages.success(request, said % {"number": len(form.definitions)})
            if loaded.study is None:
                return redirect("surveys:import_questionnaire")
            return redirect("surveys:study", slug=loaded.study.slug)
    instruments = [{"text": one["text"], **_parts(one["values"], set())} for one in form.read_again]
    context = {"form": form, "instruments": instruments, "listed": (), "made": None}
    return render(request, "surveys/instruments/import_shown.html", context, status=422)
