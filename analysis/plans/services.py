"""Freezing plans: hashed and dated, with what the study held of model data at that moment."""

import hashlib
from typing import TYPE_CHECKING, Any

from django.db import transaction

from analysis.compare.json_codec import from_plain, to_json, to_plain
from analysis.compare.plan import Measurement, PeopleDesign, Plan
from analysis.compare.results import Resampling
from analysis.errors import NothingToCompare, PlanFrozenError, Refusal
from analysis.models import AnalysisPlan
from analysis.plans.files import (
    Alternatives,
    Draws,
    Exclusions,
    PlanFile,
    is_over_waves,
    resolve,
)
from analysis.plans.grid import dimension
from surveys.models import Action, Answer, Kind, Study
from surveys.selectors import codebook, groups_of_later_waves, person_fields, study_groups
from surveys.services.audit import Actor, record

if TYPE_CHECKING:
    from analysis.compare.sensitivity import Dimension


@transaction.atomic
def freeze_plan(
    *,
    study: Study,
    plan: PlanFile,
    by: Actor,
    source: str = "",
    reference_group: str = "",
) -> AnalysisPlan:
    """Store a plan for ever under its name, with its hash. The same plan again is the same row.

    The people that models are compared with are `reference_group`, else the plan's own, else the
    study's only group of people. Raises `PlanFrozenError`, `NothingToCompare`
    (`no_reference_group`), and `InstrumentFileError` with everything that does not fit together or
    is not in the study.
    """
    reference = reference_group or plan.reference_group or _only_people(study, plan)
    definition = _definition(study, plan, reference)
    sha256 = _sha256(definition)
    known = AnalysisPlan.objects.filter(study=study, name=plan.name).first()
    if known is not None:
        if known.sha256 != sha256:
            raise PlanFrozenError(Refusal.PLAN_IS_FROZEN, plan=plan.name, study=study.slug)
        return known
    frozen = AnalysisPlan.objects.create(
        study=study,
        name=plan.name,
        definition=definition,
        source=source,
        sha256=sha256,
        model_answers_when_frozen=model_answers(study),
        frozen_by_id=by.user_id,
    )
    fixed = {"sha256": sha256, "model_answers_when_frozen": frozen.model_answers_when_frozen}
    record(by=by, action=Action.PLAN_FROZEN, study=study, subject=frozen, after=fixed)
    return frozen


def is_frozen_otherwise(study: Study, plan: PlanFile) -> bool:
    """Whether a plan of this name is frozen already, and says something else."""
    known = AnalysisPlan.objects.filter(study=study, name=plan.name).first()
    if known is None:
        return False
    reference = plan.reference_group or _only_people(study, plan)
    return known.sha256 != _sha256(_definition(study, plan, reference))


def comparison_plan(plan: AnalysisPlan) -> Plan:
    """The plan as the comparison takes it."""
    return from_plain(Plan, plan.definition["comparison"])


def exclusion_rules(plan: AnalysisPlan) -> Exclusions:
    """The plan's rules for leaving respondents out."""
    return from_plain(Exclusions, plan.definition["exclusions"])


def resampling(plan: AnalysisPlan) -> Resampling | None:
    """How uncertainty is drawn; None where the plan draws none."""
    draws = from_plain(Draws, plan.definition["draws"])
    if not (draws.bootstrap or draws.permutations or draws.noise_draws):
        return None
    return Resampling(draws.seed, draws.bootstrap, draws.permutations, draws.noise_draws)


def sensitivity_grid(plan: AnalysisPlan) -> "list[Dimension]":
    """The plan's declared grid, as the comparison takes it; empty where it declares none."""
    return [dimension(from_plain(Alternatives, row)) for row in plan.definition["sensitivity"]]


def plan_facts(plan: AnalysisPlan) -> dict[str, str]:
    """What the plan says was decided beforehand, by the keys of `PlanFacts`."""
    return dict(plan.definition.get("facts", {}))


def _definition(study: Study, plan: PlanFile, reference: str) -> dict[str, Any]:
    resolved = resolve(
        plan,
        codebook=codebook(study),
        reference_group=reference,
        demographics=person_fields(study),
    )
    facts = {key: text for key, text in to_plain(plan.facts).items() if text}
    return {
        "comparison": _plain_plan(resolved),
        "exclusions": _exclusions(plan.exclusions),
        "draws": to_plain(plan.draws),
        "sensitivity": to_plain(plan.sensitivity),
        "study": study.slug,
        "study_sha256": study.checksum,
        # A plan without any keeps the hash that it always had.
        **({"facts": facts} if facts else {}),
        **_stated(plan),
    }


def takes_means(plan: AnalysisPlan) -> bool:
    """Whether stated distributions count by their means, and not by the answer that was drawn."""
    return str(plan.definition.get("stated_distributions", "drawn")) == "mean"


def _stated(plan: PlanFile) -> dict[str, str]:
    """Plans that take drawn answers keep the hashes that they always had."""
    chosen = plan.stated_distributions
    return {} if chosen == "drawn" else {"stated_distributions": chosen}


def _sha256(definition: dict[str, Any]) -> str:
    return hashlib.sha256(to_json(definition).encode()).hexdigest()


def _plain_plan(plan: Plan) -> dict[str, Any]:
    """Plans that do not speak of sampling, measurement or waves keep the hashes they always had."""
    plain: dict[str, Any] = to_plain(plan)
    if plan.people == PeopleDesign():
        del plain["people"]
    if plan.measurement == Measurement():
        del plain["measurement"]
    if not plan.waves:
        del plain["waves"]
    return plain


def _exclusions(rules: Exclusions) -> dict[str, Any]:
    """The rules as they are hashed: one that a plan does not use leaves older hashes alone."""
    written: dict[str, Any] = to_plain(rules)
    first = ("attention_checks_failed", "minimum_seconds")
    return {rule: bound for rule, bound in written.items() if bound or rule in first}


def _only_people(study: Study, plan: PlanFile) -> str:
    people = [group.key for group in study_groups(study) if group.kind == Kind.HUMAN]
    if is_over_waves(plan):
        later = groups_of_later_waves(study)
        people = [key for key in people if key not in later]
    if len(people) > 1:
        raise NothingToCompare(
            Refusal.NO_REFERENCE_GROUP, study=study.slug, groups=", ".join(people)
        )
    return people[0] if people else "people"


def model_answers(study: Study) -> int:
    """How many answers of models the study holds."""
    return Answer.objects.filter(
        administration__study=study,
        administration__group__kind=Kind.LLM,
        administration__group__test=False,
    ).count()
