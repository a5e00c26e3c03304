"""What is asked before a plan is frozen or a draft deleted."""

from collections.abc import Iterator, Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.models import PlanDraft
from analysis.plans.drafting.checking import Checked
from analysis.plans.drafts import PlanFile
from analysis.plans.services import model_answers
from analysis.runs.frames import LeftOut
from analysis.web.plans.draft import path_labels
from analysis.web.plans.parts import TABLES
from surveys.views.workspace.confirmation import Question

# Rules of exclusion that have a sentence of their own.
_SAID = ("attention_checks_failed", "minimum_seconds", "straight_lining")


def before_freezing(draft: PlanDraft, checked: Checked, people: Sequence[LeftOut]) -> Question:
    """Everything that locks, what stays free, and what was seen when the plan was frozen."""
    assert checked.plan is not None  # whoever has a plan with mistakes is sent back
    return Question(
        heading=_("Freeze the plan %(plan)s?") % {"plan": draft.name},
        action=_("Freeze for good"),
        text=_(
            "A frozen plan cannot be changed. It gets a date and a fingerprint that the report "
            "prints. Another plan needs another name."
        ),
        locks=list(_locks(checked.plan)),
        stays=[
            _("Facts for the report, its language and its page size stay free."),
            _("Names and wordings in the study are not part of the plan."),
        ],
        seen=list(_seen(draft, people)),
        act=str(draft.revision),
    )


def before_deleting(draft: PlanDraft) -> Question:
    """What goes with a draft."""
    return Question(
        heading=_("Delete the draft %(plan)s?") % {"plan": draft.name},
        action=_("Delete the draft"),
        deleted=[_("The draft, and the power that was planned for it.")],
        stays=[_("Frozen plans and their runs; the log keeps that there was a draft.")],
    )


def _locks(plan: PlanFile) -> Iterator[str]:
    yield _("Constructs: %(these)s") % {"these": _listed(one.label for one in plan.constructs)}
    yield _("Paths with signs and reasons: %(these)s") % {"these": _listed(path_labels(plan.paths))}
    said = _("Estimator %(estimator)s; missing answers: %(missing)s")
    yield said % {"estimator": plan.estimator, "missing": plan.missing}
    rules = plan.exclusions
    said = _(
        "Exclusions: %(checks)s failed checks, fewer than %(seconds)s seconds, one option "
        "throughout in %(share)s of the scales (0: no such rule)"
    )
    yield said % {
        "checks": rules.attention_checks_failed,
        "seconds": rules.minimum_seconds,
        "share": f"{rules.straight_lining:g}",
    }
    further = [
        f"{part.label}: {value:g}" if not isinstance(value, bool) else str(part.label)
        for part in TABLES["exclusions"]
        if part.key not in _SAID and (value := getattr(rules, part.key))
    ]
    if further:
        yield _("Further exclusions: %(these)s") % {"these": _listed(further)}
    if named := [*plan.covariates, *(one.by for one in plan.adjustments)]:
        yield _("Covariates: %(these)s") % {"these": _listed(named)}
    if plan.subgroups:
        yield _("Subgroups: %(these)s") % {"these": _listed(one.by for one in plan.subgroups)}
    if plan.sensitivity:
        these = (f"{one.choice} ({', '.join(one.options)})" for one in plan.sensitivity)
        yield _("Alternatives: %(these)s") % {"these": _listed(these)}
    said = _("Draws, with seed %(seed)s: %(bootstrap)s, %(permutations)s and %(noise)s")
    draws = plan.draws
    yield said % {
        "seed": draws.seed,
        "bootstrap": draws.bootstrap,
        "permutations": draws.permutations,
        "noise": draws.noise_draws,
    }


def _seen(draft: PlanDraft, people: Sequence[LeftOut]) -> Iterator[str]:
    """What the study holds at this moment, kinds apart."""
    for group in people:
        kind = _("simulated people") if group.simulated else _("people")
        said = _("%(group)s (%(kind)s): %(began)s began, %(kept)s would be analysed")
        yield said % {
            "group": group.label,
            "kind": kind,
            "began": group.began,
            "kept": group.kept,
        }
    if not people:
        yield _("Nobody has begun yet.")
    answers = model_answers(draft.study)
    said = ngettext("One answer of a model", "%(n)s answers of models", answers) % {"n": answers}
    yield said if answers else _("No model has answered yet.")


def _listed(words: "Sequence[str] | Iterator[str]") -> str:
    return ", ".join(words)
