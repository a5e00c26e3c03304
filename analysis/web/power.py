"""The page that plans power: expectations in, chances of each sign out, by simulated studies."""

from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from analysis.compare.errors import PlanError
from analysis.compare.json_codec import to_plain
from analysis.compare.plan import Plan
from analysis.models import AnalysisPlan
from analysis.plans.expectations import Assumptions
from analysis.plans.power_analysis import (
    analyse_power,
    latest_power,
    parameters,
    start_power,
)
from analysis.plans.services import comparison_plan
from surveys.jobs.queue import look_after_jobs
from surveys.jobs.reading import job_state
from surveys.models import Job, Study
from surveys.roles import Act
from surveys.services.access.refusals import require_role
from surveys.services.audit import page_actor
from surveys.views.membership import study_or_404

# Some ten seconds of a worker's time; the command draws as many studies as one likes.
STUDIES = 100
# So few are drawn while the page waits.
AT_ONCE = 10


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


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def power(request: HttpRequest, slug: str) -> HttpResponse:
    """Power of a frozen plan, its expectations in the address, so that it can be kept.

    Sending the form lets a worker draw the studies; the address shows how far it is, then what it
    found.
    """
    study = study_or_404(request, slug)
    frozen = AnalysisPlan.objects.filter(study=study).order_by("pk").first()
    context: dict[str, Any] = {"study": study, "plan": frozen}
    if frozen is not None:
        form = PowerForm(comparison_plan(frozen), request.POST or request.GET or None)
        context |= {"form": form, "studies": STUDIES}
        if form.is_valid():
            given = parameters(form.plan, form.assumptions(), STUDIES)
            if request.method == "POST":
                require_role(study.reader_role, Act.ANALYSE)
                start_power(study=study, given=given, by=page_actor(request.user))
                return redirect(f"{request.path}?{urlencode(form.cleaned_data)}")
            _show(form, study, given, context)
    return render(request, "analysis/power.html", context)


def _show(form: PowerForm, study: Study, given: dict[str, Any], context: dict[str, Any]) -> None:
    """What was found, or how far it is; a few studies are drawn at once."""
    look_after_jobs()
    job = latest_power(study, given)
    if job is not None and job.status == Job.Status.DONE:
        context["power"] = job.result
    elif job is not None:
        context["state"] = job_state(job)
    elif STUDIES <= AT_ONCE:
        try:
            found = analyse_power(
                study=study, plan=form.plan, assumed=form.assumptions(), studies=STUDIES
            )
            context["power"] = to_plain(found)
        except PlanError as error:
            form.add_error(None, str(error))
