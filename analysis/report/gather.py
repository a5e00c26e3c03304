"""What a report prints, read from the study, the frozen plan and a finished run."""

from collections.abc import Iterator, Mapping
from dataclasses import fields
from importlib.metadata import version
from typing import Any

from analysis.compare.companions import Sampling
from analysis.compare.json_codec import from_plain
from analysis.compare.plan import Kind, Plan, Rung
from analysis.compare.results import Comparison
from analysis.language import SOURCE, ngettext, speaking
from analysis.language import gettext as _
from analysis.models import AnalysisRun
from analysis.plans.exclusions import RULES
from analysis.plans.files import item_name
from analysis.plans.paths.waves import in_wave, without_wave
from analysis.plans.services import plan_facts, takes_means
from analysis.report.content import (
    InstrumentFacts,
    ItemWording,
    ReportContent,
    Residual,
    Specification,
)
from analysis.report.facts import (
    ModelArm,
    ModellingFacts,
    PeopleArm,
    Provenance,
    StudyFacts,
)
from analysis.report.readout.delivery import order_of_asking
from analysis.report.readout.fieldwork import consent_shown, fieldwork
from analysis.report.readout.sampling import weighting
from analysis.report.typesetting.formatting import listed
from analysis.runs.datasheet import Delivery
from analysis.runs.descriptions import DataDescription
from analysis.runs.selectors import run_comparison
from analysis.runs.snapshot import StudySnapshot
from analysis.runs.software import PYTHON
from surveys.instrument_files.settings import PanelFacts
from surveys.models import Block, RespondentGroup
from surveys.selectors import stated_facts, version_options


def report_content(run: AnalysisRun, snapshot: StudySnapshot | None = None) -> ReportContent:
    """Everything a report of this run prints. The run must be done.

    Whoever has read the study already hands its `snapshot` in.
    """
    language = run.plan.study.settings.get("report", {}).get("language", SOURCE)
    with speaking(language):
        return _content(run, snapshot or StudySnapshot.of(run.plan.study), language)


def _content(run: AnalysisRun, snapshot: StudySnapshot, language: str) -> ReportContent:
    """What is known of how things were done is said in the language of the report."""
    assert run.result is not None
    told = stated_facts(run.plan.study)
    comparison = run_comparison(run)
    assert comparison is not None
    data = from_plain(DataDescription, run.result["description"])
    keys = [group.key for group in comparison.groups]
    groups = [group for group in snapshot.groups if group.key in keys]
    reference = next(
        (each for each in data.deliveries if each.group == comparison.plan.reference_group), None
    )
    return ReportContent(
        study=_study_facts(run, comparison, told, language),
        comparison=comparison,
        instruments=tuple(_instruments(snapshot, comparison)),
        people=_people_arm(snapshot, groups, data, reference, comparison.sampling, told),
        people_flow=data.people_flow,
        model_arms=tuple(_model_arm(one, told) for one in groups if one.kind == Kind.LLM),
        model_flow=data.model_flow,
        modelling=_modelling(
            snapshot,
            comparison,
            data,
            {**told, **plan_facts(run.plan)},
            means=takes_means(run.plan),
        ),
        missing=data.missing,
        missing_patterns=data.missing_patterns,
        distributions=data.distributions,
        correlations=data.correlations,
        specifications=tuple(
            from_plain(Specification, row) for row in run.result.get("sensitivity", ())
        ),
        residuals=_residuals(comparison),
        provenance=_provenance(run, snapshot, groups, told),
        language=language,
        items_language=snapshot.study.default_language,
        absent=(*_absent(run, snapshot, keys), *_set_aside(data)),
        **_imported(snapshot, reference),
        deliveries=data.deliveries,
    )


def _imported(snapshot: StudySnapshot, reference: Delivery | None) -> dict[str, str]:
    """Where and when people were imported from; nothing if all of them were asked here."""
    if reference is not None and not reference.imported:
        return {}
    days = (file.imported_at.date().isoformat() for file in snapshot.imported_files)
    return {
        "imported_from": "; ".join(
            _("{citation} Licence: {licence}.").format(
                citation=file.citation.strip(), licence=file.licence
            )
            for file in snapshot.imported_files
        ),
        "imported_on": ", ".join(dict.fromkeys(days)),
    }


def _absent(run: AnalysisRun, snapshot: StudySnapshot, compared: list[str]) -> Iterator[str]:
    """One sentence for each panel that the rules of exclusion left without a session."""
    for group in snapshot.groups:
        counts = run.exclusions.get(group.key, {})
        if group.key not in compared and counts:
            reasons = ", ".join(f"{_(RULES[rule])}: {n}" for rule, n in counts.items())
            yield _(
                "{group} is not in the comparison: all of its {n} sessions were excluded "
                "({reasons})."
            ).format(group=group.label, n=sum(counts.values()), reasons=reasons)


def _set_aside(data: DataDescription) -> Iterator[str]:
    """One sentence for each group that somebody had set aside before the run."""
    for group in data.set_aside:
        yield _(
            "{group} was set aside before the run and not compared. The reason given: {because}"
        ).format(group=group.label, because=group.because)


def _residuals(comparison: Comparison) -> tuple[Residual, ...] | None:
    """Local misfit of each group's own fit; None where an estimator gives none."""
    alone = [fit for fit in comparison.fits if len(fit.groups) == 1]
    if any(fit.misfit is None for fit in alone):
        return None
    return tuple(
        Residual(row.group, fit.model, row.first, row.second, row.value)
        for fit in alone
        for row in fit.misfit or ()
    )


def _study_facts(
    run: AnalysisRun, comparison: Comparison, told: Mapping[str, Any], language: str
) -> StudyFacts:
    study = run.plan.study
    models = sum(group.kind == Kind.LLM for group in comparison.groups)
    title = ngettext(
        "{study}: people and one panel of language models compared",
        "{study}: people and {n} panels of language models compared",
        models,
    )
    return StudyFacts(
        title=title.format(study=study.title(language), n=models),
        study_id=study.slug,
        report_id=f"{run.plan.sha256[:6]}-{run.data_sha256[:6]}",
        software_version=run.software.get("counterpart", version("counterpart")),
        data_sha256=run.data_sha256,
        date=run.started_at.date().isoformat(),
        question=told.get("question"),
        **_chosen(StudyFacts, told),
    )


def _instruments(snapshot: StudySnapshot, comparison: Comparison) -> list[InstrumentFacts]:
    book = {row["ref"]: row for row in snapshot.codebook()}
    constructs = {
        without_wave(item): without_wave(construct.key)
        for construct in comparison.plan.constructs
        for item in construct.items
    }
    measured = {
        row["block"]: constructs[item_name(ref)]
        for ref, row in book.items()
        if item_name(ref) in constructs
    }
    return [
        _instrument(snapshot, block, measured.get(block.key, ""), book) for block in snapshot.blocks
    ]


def _instrument(
    snapshot: StudySnapshot, block: Block, construct: str, book: Mapping[str, Mapping[str, Any]]
) -> InstrumentFacts:
    shown = snapshot.shown(block)
    options = version_options(shown)
    used = (options[item.response_scale_id] for item in shown.items.all())
    anchors = tuple(dict.fromkeys(one for one in used if one))
    languages = [one.language for one in block.versions.all()]
    return InstrumentFacts(
        key=block.key,
        title=shown.title,
        version=shown.version,
        construct=construct,
        items=tuple(
            ItemWording(ref, row["text"], row["facet"], row["reverse_keyed"], name=item_name(ref))
            for ref, row in book.items()
            if row["block"] == block.key
        ),
        source=shown.citation,
        translation=(
            _("in this study in {languages}")
            if len(languages) > 1
            else _("in this study in {languages} only")
        ).format(languages=listed(languages)),
        licence=shown.licence,
        wording_note=shown.wording_note,
        instruction=shown.instruction,
        orientation=shown.orientation,
        anchors=anchors[0] if anchors else (),
        other_anchors=anchors[1:],
        sha256=shown.checksum,
    )


def _people_arm(
    snapshot: StudySnapshot,
    groups: list[RespondentGroup],
    data: DataDescription,
    delivery: Delivery | None,
    sampling: Sampling | None,
    stated: Mapping[str, Any],
) -> PeopleArm:
    told = dict(stated)
    for group in groups:
        if group.kind == Kind.HUMAN:
            told |= group.method
    asked = fieldwork(snapshot, delivery) if delivery is not None else {}
    # What was done is known here; what was planned or done elsewhere is told beside it.
    if elsewhere := str(told.get("weighting", "")):
        elsewhere = ". " + _("As the study tells: {told}").format(told=elsewhere)
    told["weighting"] = f"{weighting(sampling)}{elsewhere}"
    said = _chosen(PeopleArm, told)
    some = delivery is not None and 0 < delivery.on_pages < delivery.respondents
    return PeopleArm(
        **{**asked, **said},
        known_of_some=frozenset(asked.keys() - said.keys() - {"languages"} if some else ()),
        **consent_shown(snapshot, delivery),
        exclusions=data.people_flow[0].exclusions if data.people_flow else (),
        demographics=data.demographics,
    )


def _model_arm(group: RespondentGroup, told: Mapping[str, Any]) -> ModelArm:
    """What was recorded of a panel; before it stands what was stated of all and of this one."""
    stated = {key: told[key] for key in PanelFacts.__annotations__ if key in told}
    own = told.get("panels", {}).get(group.key, {})
    return ModelArm(
        group=group.key,
        imported=group.imported,
        **_chosen(ModelArm, {**group.method, **stated, **own}),
    )


def _modelling(
    snapshot: StudySnapshot,
    comparison: Comparison,
    data: DataDescription,
    told: Mapping[str, Any],
    *,
    means: bool,
) -> ModellingFacts:
    plan = comparison.plan
    handling = {
        "listwise": _("Respondents with a missing indicator are left out of the structural model"),
        "ml": _("Full-information maximum likelihood over missing patterns"),
    }
    labels = {group.key: group.label for group in comparison.groups}
    blocks = {
        in_wave(item_name(row["ref"]), wave): row["block"]
        for row in snapshot.codebook()
        for wave in (0, *plan.waves)
    }
    reason = told.get("estimator_reason")
    known = {
        "identification": _("{metric}; latent means zero in the first group").format(
            metric=_metric(plan)
        ),
        "latent_scaling": _metric(plan),
        "order_of_asking": order_of_asking(data.deliveries, plan, blocks, labels.__getitem__),
        "equivalent_models": _("Not tested: models with reversed arrows may fit equally well"),
        "starting_values": _("The program's own"),
        "missing_handling": handling.get(plan.missing, plan.missing),
        "fit_criteria": _(
            "None in the plan. Fit is called acceptable with a CFI of at least .90 and an RMSEA of "
            "at most .10; indices of different kinds are read together"
        ),
    }
    estimator = _("{estimator}, as fixed in the plan").format(estimator=plan.estimator)
    if means:
        taken = _("distributions that models stated count by their means")
        estimator = f"{estimator}; {taken}"
    estimator = f"{estimator}: {reason}" if reason else estimator
    return ModellingFacts(
        **{**known, **_chosen(ModellingFacts, told), "estimator_reason": estimator},
        interpreted_as_specified=all(
            row.rung in (Rung.FULL, Rung.FIT_NOT_SHOWN)
            for row in comparison.estimability
            if row.group == plan.reference_group
        ),
    )


def _metric(plan: Plan) -> str:
    equal = [each.label for each in plan.constructs if each.equal_loadings]
    if len(equal) == len(plan.constructs):
        return _("All loadings fixed to one")
    if not equal:
        return _("First loading of each construct fixed to one")
    return _("First loading of each construct fixed to one; of {constructs} all loadings").format(
        constructs=listed(equal)
    )


def _provenance(
    run: AnalysisRun,
    snapshot: StudySnapshot,
    groups: list[RespondentGroup],
    told: Mapping[str, Any],
) -> Provenance:
    prompts = [
        str(group.method["prompt_sha256"]) for group in groups if "prompt_sha256" in group.method
    ]
    return Provenance(
        plan_sha256=run.plan.sha256,
        plan_frozen_at=_("{time} UTC, when the study held {n} answers of models").format(
            time=f"{run.plan.frozen_at:%Y-%m-%d %H:%M}", n=run.plan.model_answers_when_frozen
        ),
        # Nobody: frozen at the command line, or by somebody whose account is gone.
        plan_frozen_by=str(run.plan.frozen_by) if run.plan.frozen_by else None,
        model_answers_when_frozen=run.plan.model_answers_when_frozen,
        data_sha256=run.data_sha256,
        instrument_sha256="; ".join(
            f"{block.key} {snapshot.shown(block).checksum}" for block in snapshot.blocks
        ),
        prompt_sha256="; ".join(dict.fromkeys(prompts)) or None,
        run_id=f"{run.plan.name}-{run.data_sha256[:12]}",
        seeds=_seeds(run),
        software=", ".join(
            f"{name} {number}" for name, number in run.software.items() if name != PYTHON
        ),
        platform=f"Python {run.software[PYTHON]}" if PYTHON in run.software else None,
        code_availability="Counterpart, GPL-3.0-or-later",
        licences="; ".join(dict.fromkeys(_licences(snapshot))),
        **_chosen(Provenance, told),
    )


def _seeds(run: AnalysisRun) -> str:
    resampling = run.result["comparison"].get("resampling") if run.result else None
    seeds = _("analysis {seed}").format(seed=run.seed)
    if not resampling:
        return seeds
    return "; ".join((seeds, _("resampling {seed}").format(seed=resampling["seed"])))


def _licences(snapshot: StudySnapshot) -> list[str]:
    return [f"{block.key}: {snapshot.shown(block).licence}" for block in snapshot.blocks]


def _chosen(kind: type[Any], told: Mapping[str, Any]) -> dict[str, str]:
    """The facts that `kind` prints, as text; whatever else was told is for other readers."""
    printed = {each.name for each in fields(kind) if each.metadata.get("label")}
    plain = {each.name for each in fields(kind)} & {"system_prompt", "persona_text", "item_prompt"}
    return {key: str(value) for key, value in told.items() if key in printed | plain and value}
