"""What a report prints, read from the study, the frozen plan and a finished run."""

import platform
from collections.abc import Iterator, Mapping
from dataclasses import fields
from datetime import datetime
from importlib.metadata import version
from typing import Any

from analysis.compare.json_codec import from_plain
from analysis.compare.plan import Kind
from analysis.compare.results import Comparison
from analysis.models import AnalysisRun
from analysis.plans.files import item_name
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
from analysis.runs.descriptions import RULES, DataDescription
from analysis.runs.snapshot import StudySnapshot
from surveys.models import Administration, Block, RespondentGroup
from surveys.selectors import version_options

SOFTWARE = ("django", "numpy", "scipy", "pandas", "pingouin", "reportlab", "openai")


def report_content(run: AnalysisRun) -> ReportContent:
    """Everything a report of this run prints. The run must be done."""
    assert run.result is not None
    snapshot = StudySnapshot.of(run.plan.study)
    comparison = from_plain(Comparison, run.result["comparison"])
    data = from_plain(DataDescription, run.result["description"])
    keys = [group.key for group in comparison.groups]
    groups = [group for group in snapshot.groups if group.key in keys]
    return ReportContent(
        study=_study_facts(run, comparison),
        comparison=comparison,
        instruments=tuple(_instruments(snapshot, comparison)),
        people=_people_arm(snapshot, groups, data),
        people_flow=data.people_flow,
        model_arms=tuple(_model_arm(group) for group in groups if group.kind == Kind.LLM),
        model_flow=data.model_flow,
        modelling=_modelling(comparison),
        missing=data.missing,
        missing_patterns=data.missing_patterns,
        distributions=data.distributions,
        correlations=data.correlations,
        specifications=tuple(
            from_plain(Specification, row) for row in run.result.get("sensitivity", ())
        ),
        residuals=_residuals(comparison),
        provenance=_provenance(run, snapshot, groups),
        language="en",
        absent=tuple(_absent(run, snapshot, keys)),
        imported_from="; ".join(
            f"{file.citation.strip()} Licence: {file.licence}." for file in snapshot.imported_files
        ),
    )


def _absent(run: AnalysisRun, snapshot: StudySnapshot, compared: list[str]) -> Iterator[str]:
    """One sentence for each panel that the rules of exclusion left without a session."""
    for group in snapshot.groups:
        counts = run.exclusions.get(group.key, {})
        if group.key not in compared and counts:
            reasons = ", ".join(f"{RULES[rule].lower()} {n}" for rule, n in counts.items())
            yield (
                f"{group.label} is not in the comparison: all of its {sum(counts.values())} "
                f"sessions were excluded ({reasons})."
            )


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


def software_versions() -> dict[str, str]:
    """Versions of the program and of what its numbers come from."""
    return {"counterpart": version("counterpart")} | {name: version(name) for name in SOFTWARE}


def _study_facts(run: AnalysisRun, comparison: Comparison) -> StudyFacts:
    study = run.plan.study
    models = sum(group.kind == Kind.LLM for group in comparison.groups)
    panels = "one panel" if models == 1 else f"{models} panels"
    return StudyFacts(
        title=f"{study.title('en')}: people and {panels} of language models compared",
        study_id=study.slug,
        report_id=f"{run.plan.sha256[:6]}-{run.data_sha256[:6]}",
        software_version=run.software.get("counterpart", version("counterpart")),
        data_sha256=run.data_sha256,
        date=run.started_at.date().isoformat(),
        question=str(study.settings.get("question", "")),
        **_chosen(StudyFacts, study.settings.get("report", {})),
    )


def _instruments(snapshot: StudySnapshot, comparison: Comparison) -> list[InstrumentFacts]:
    book = {row["ref"]: row for row in snapshot.codebook()}
    constructs = {
        item: construct.key for construct in comparison.plan.constructs for item in construct.items
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
    options = next(iter(version_options(shown).values()), ())
    others = [one.language for one in block.versions.all() if one.language != shown.language]
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
        translation=f"also given in: {', '.join(others)}" if others else "none: one language",
        licence=shown.licence,
        wording_note=shown.wording_note,
        instruction=shown.instruction,
        orientation=shown.orientation,
        anchors=options,
        sha256=shown.checksum,
    )


def _people_arm(
    snapshot: StudySnapshot, groups: list[RespondentGroup], data: DataDescription
) -> PeopleArm:
    study = snapshot.study
    people = [group for group in groups if group.kind == Kind.HUMAN]
    told = {**study.settings.get("people", {})}
    for group in people:
        told |= group.method
    delivered = _web_delivery(snapshot) if snapshot.links else {}
    consent = next(
        (t for t in snapshot.consent_texts if t.language == study.default_language), None
    )
    return PeopleArm(
        **{**delivered, **_field_dates(people), **_chosen(PeopleArm, told)},
        consent_text=f"{consent.information}\n\n{consent.statement}" if consent else None,
        exclusions=data.people_flow[0].exclusions if data.people_flow else (),
        demographics=data.demographics,
    )


def _web_delivery(snapshot: StudySnapshot) -> dict[str, str]:
    """What holds for whoever answers through the participant pages."""
    per_page = ", ".join(f"{block.key} {block.items_per_page}" for block in snapshot.blocks)
    shuffled = [block.key for block in snapshot.blocks if block.shuffle]
    return {
        "survey_access": "By recruiting link",
        "voluntary": "Voluntary, with a decline path and withdrawal at any time, also afterwards",
        "mode": "Self-administered web form, usable without JavaScript",
        "languages": ", ".join(snapshot.study.languages),
        "consent": f"Version {_consent_version(snapshot)}, decided before the first question",
        "deletion_route": "Withdrawal page of the respondent's own link erases all answers",
        "items_per_page": f"At most, by block: {per_page}",
        "order_randomisation": (
            f"Items shuffled within {', '.join(shuffled)}, by a recorded seed"
            if shuffled
            else "None"
        ),
        "branching": "None",
        "forced_answers": "No: each question can be left out after one reminder",
        "back_button": "Yes, until the answers are handed in",
        "completeness_check": "Unanswered questions are listed once on each page",
        "visitor_determination": "Not determined: page loads are counted, visitors are not",
        "duplicate_prevention": "One response per panel id; single-use links where chosen",
        "cookies": "None are needed or set for respondents",
        "ip_check": "None: addresses are not stored",
        "log_file": "None",
        "partials": "Kept, and excluded from the analysis",
        "weighting": "Unweighted convenience sample; no margin of sampling error is claimed",
    }


def _consent_version(snapshot: StudySnapshot) -> str:
    return ", ".join(dict.fromkeys(text.version for text in snapshot.consent_texts))


def _field_dates(people: list[RespondentGroup]) -> dict[str, str]:
    dates = Administration.objects.filter(respondent__group__in=people).order_by("started_at")
    first, last = dates.first(), dates.last()
    if first is None or last is None:
        return {}
    return {"field_dates": _span(first.started_at, last.started_at)}


def _span(first: datetime, last: datetime) -> str:
    days = sorted({first.date().isoformat(), last.date().isoformat()})
    return " to ".join(days)


def _model_arm(group: RespondentGroup) -> ModelArm:
    return ModelArm(group=group.key, **_chosen(ModelArm, group.method))


def _modelling(comparison: Comparison) -> ModellingFacts:
    plan = comparison.plan
    handling = {
        "listwise": "Respondents with a missing indicator are left out of the structural model",
        "ml": "Full-information maximum likelihood over missing patterns",
    }
    return ModellingFacts(
        identification="First loading of each construct fixed to one; latent means zero in the "
        "first group",
        latent_scaling="Marker indicator",
        direction_rationale="Attitudes were asked before acceptance; the order of asking does not "
        "establish causation",
        equivalent_models="Models with reversed arrows fit equally well and are not tested",
        estimator_reason=f"{plan.estimator}, as fixed in the plan",
        starting_values="Defaults",
        missing_handling=handling.get(plan.missing, plan.missing),
        fit_criteria="None by cut-off alone; indices of different kinds are read together",
        interpreted_as_specified=all(
            row.rung.value == "full"
            for row in comparison.paths
            if row.group == plan.reference_group
        ),
    )


def _provenance(
    run: AnalysisRun, snapshot: StudySnapshot, groups: list[RespondentGroup]
) -> Provenance:
    prompts = [
        str(group.method["prompt_sha256"]) for group in groups if "prompt_sha256" in group.method
    ]
    resampling = run.result["comparison"].get("resampling") if run.result else None
    return Provenance(
        plan_sha256=run.plan.sha256,
        plan_frozen_at=(
            f"{run.plan.frozen_at:%Y-%m-%d %H:%M} UTC, when the study held "
            f"{run.plan.model_answers_when_frozen} answers of models"
        ),
        plan_frozen_by=str(run.plan.frozen_by) if run.plan.frozen_by else "the command line",
        data_sha256=run.data_sha256,
        instrument_sha256="; ".join(
            f"{block.key} {snapshot.shown(block).checksum}" for block in snapshot.blocks
        ),
        prompt_sha256="; ".join(dict.fromkeys(prompts)) or None,
        run_id=f"{run.plan.name}-{run.data_sha256[:12]}",
        seeds=f"analysis {run.seed}" + (f"; resampling {resampling['seed']}" if resampling else ""),
        software=", ".join(f"{name} {number}" for name, number in run.software.items()),
        platform=f"Python {platform.python_version()} on {platform.system()}",
        code_availability="Counterpart, GPL-3.0-or-later",
        licences="; ".join(dict.fromkeys(_licences(snapshot))),
    )


def _licences(snapshot: StudySnapshot) -> list[str]:
    return [f"{block.key}: {snapshot.shown(block).licence}" for block in snapshot.blocks]


def _chosen(kind: type[Any], told: Mapping[str, Any]) -> dict[str, str]:
    """The facts that `kind` prints, as text; whatever else was told is for other readers."""
    printed = {each.name for each in fields(kind) if each.metadata.get("label")}
    plain = {each.name for each in fields(kind)} & {"system_prompt", "persona_text", "item_prompt"}
    return {key: str(value) for key, value in told.items() if key in printed | plain and value}
