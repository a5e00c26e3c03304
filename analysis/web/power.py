"""The page that plans power: expectations in, chances of each sign out, by simulated studies."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from analysis.compare.errors import PlanError
from analysis.compare.plan import Plan
from analysis.models import AnalysisPlan
from analysis.plans.expectations import Assumptions, expectations
from analysis.plans.services import comparison_plan
from surveys.selectors import studies_for

# A page answers within some ten seconds; the command draws as many studies as one likes.
STUDIES = 100


class PowerForm(forms.Form):
    """Expected n, reliability and standardised paths of the people and of one model."""

    people = forms.IntegerField(label=_("People"), min_value=20, max_value=5000, initial=300)
    sessions = forms.IntegerField(
        label=_("Sessions of the model"), min_value=20, max_value=5000, initial=200
    )
    reliability = forms.FloatField(
        label=_("Reliability of each scale"), min_value=0.3, max_value=0.99, initial=0.8
    )

    def __init__(self, plan: Plan, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        for number, path in enumerate(plan.paths):
            labels = [plan.construct(key).label for key in (path.predictor, path.outcome)]
            arrow = " → ".join(labels)
            for who, words in (("people", _("people")), ("model", _("model"))):
                self.fields[f"{who}_{number}"] = forms.FloatField(
                    label=f"{arrow}: {words}",
                    min_value=-0.95,
                    max_value=0.95,
                    initial=0.2 * (path.expected_sign or 1),
                )

    def assumptions(self) -> Assumptions:
        """What the fields say."""
        given = self.cleaned_data
        paths = [path.key for path in self.plan.paths]
        return Assumptions(
            people_n=given["people"],
            model_n=given["sessions"],
            paths={key: given[f"people_{number}"] for number, key in enumerate(paths)},
            model_paths={key: given[f"model_{number}"] for number, key in enumerate(paths)},
            reliability=given["reliability"],
        )


@require_safe
@login_required
def power(request: HttpRequest, slug: str) -> HttpResponse:
    """Power of a frozen plan, its expectations in the address, so that it can be kept."""
    study = get_object_or_404(studies_for(request.user), slug=slug)
    frozen = AnalysisPlan.objects.filter(study=study).order_by("pk").first()
    context: dict[str, Any] = {"study": study, "title": study.title(), "plan": frozen}
    if frozen is not None:
        form = PowerForm(comparison_plan(frozen), request.GET or None)
        context |= {"form": form, "studies": STUDIES}
        if form.is_valid():
            _plan(form, context)
    return render(request, "analysis/power.html", context)


def _plan(form: PowerForm, context: dict[str, Any]) -> None:
    from analysis.compare.power import plan_power

    try:
        expected = expectations(form.plan, form.assumptions())
        context["power"] = plan_power(form.plan, expected, studies=STUDIES)
    except PlanError as error:
        form.add_error(None, str(error))
