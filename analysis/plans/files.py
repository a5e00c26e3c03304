"""Analysis plans as files: what a researcher writes, read into the plan that is frozen.

A plan file names blocks of a study; `resolve` turns them into items with their ranges and keying.
Pure: the rows of the study's codebook are handed in.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from analysis.compare.plan import ORDINAL, Construct, Indicator, ItemSpec, Plan
from analysis.plans.drafts import (
    NAMED_BY,
    VARIED,
    Alternatives,
    ConstructDraft,
    Draws,
    Estimator,
    Exclusions,
    Missing,
    PlanFacts,
    PlanFile,
)
from analysis.plans.mistakes import PlanMistake
from analysis.plans.paths.circles import circles
from analysis.plans.paths.waves import (
    constructs_in_waves,
    items_in_waves,
    of_wave,
    waves_named,
    wrong_waves,
)
from analysis.plans.people import AdjustmentDraft, contradictions, misfits, people_design
from surveys.codes import Problem, advice
from surveys.instrument_files.errors import FileMistake, InstrumentFileError
from surveys.instrument_files.instruments import repeated_keys
from surveys.instrument_files.strict import read, row_names
from surveys.instrument_files.toml_tables import parse_toml, read_text

__all__ = (
    "NAMED_BY",
    "VARIED",
    "Alternatives",
    "Draws",
    "Estimator",
    "Exclusions",
    "Missing",
    "PlanFacts",
    "PlanFile",
    "bundled_plan",
    "is_over_waves",
    "item_name",
    "load_plan",
    "parse_plan",
    "require_consistent",
    "resolve",
)

PLANS = Path(__file__).parent


def load_plan(path: Path | str) -> PlanFile:
    """Read and validate a plan file; raises `InstrumentFileError` with all problems."""
    path = Path(path)
    return parse_plan(read_text(path), file=path.name)


def bundled_plan(study: str) -> Path:
    """The plan that comes with a bundled study; `InstrumentFileError` for any other study."""
    path = PLANS / f"{study}.toml"
    if not path.exists():
        problem = Problem("file", PlanMistake.NO_BUNDLED_PLAN, {"study": study})
        raise InstrumentFileError(path.name, [problem])
    return path


def parse_plan(text: str, *, file: str = "plan") -> PlanFile:
    """Validate the text of a plan file, named `file` in errors.

    The form of every part is checked first, then whether the parts fit together. Raises
    `InstrumentFileError` with all problems of the first stage that finds any.
    """
    plan, problems = read(PlanFile, parse_toml(text, file=file), named_by=NAMED_BY)
    if plan is None:
        raise InstrumentFileError(file, problems)
    require_consistent(plan, file=file)
    return plan


def require_consistent(plan: PlanFile, *, file: str = "") -> None:
    """Raise `InstrumentFileError` with everything that does not fit together in a plan."""
    if problems := list(_contradictions(plan)):
        raise InstrumentFileError(file or plan.name, problems)


def item_name(ref: str) -> str:
    """The name of a question in data files and model syntax: ``block.item`` as ``block_item``."""
    return ref.replace(".", "_").replace("-", "_")


def resolve(
    plan: PlanFile,
    *,
    codebook: Sequence[Mapping[str, Any]],
    reference_group: str,
    demographics: Sequence[Mapping[str, Any]] = (),
) -> Plan:
    """Turn a plan file into the plan that is carried out.

    `codebook` is one row per item of the study (`surveys.selectors.codebook`), `demographics` one
    per question about the person and per condition (`surveys.selectors.person_fields`). Raises
    `InstrumentFileError` with everything in which the plan does not fit itself or the study.
    """
    parts = plan.people, plan.subgroups, plan.adjustments
    unfit = (*_misfits(plan, codebook), *misfits(*parts, demographics))
    if problems := [*_contradictions(plan), *unfit]:
        raise InstrumentFileError(plan.name, problems)
    constructs = tuple(_construct(draft, codebook) for draft in plan.constructs)
    latent = [one.key for one in constructs if one.is_latent]
    taken = [
        *_named_like_columns(latent, _columns(constructs, plan.adjustments, codebook)),
        *_composites_like_columns(plan, codebook),
    ]
    if problems := [*_unfit_for_estimator(plan, constructs), *taken]:
        raise InstrumentFileError(plan.name, problems)
    used = {item for construct in constructs for item in construct.items}
    items = tuple(_item(row) for row in codebook if item_name(row["ref"]) in used)
    if waves := waves_named(ends := _ends(plan)):
        constructs = constructs_in_waves(constructs, ends)
        items = items_in_waves(items, constructs, waves)
    return Plan(
        constructs=constructs,
        paths=tuple(path.spec for path in plan.paths),
        items=items,
        reference_group=plan.reference_group or reference_group,
        estimator=plan.estimator,
        missing=plan.missing,
        covariates=tuple(item_name(ref) for ref in plan.covariates),
        correlate_observed=plan.correlate_observed,
        people=people_design(*parts, demographics),
        equivalence_bound=plan.measurement.equivalence_bound,
        measurement=plan.measurement.asked,
        waves=waves,
    )


def is_over_waves(plan: PlanFile) -> bool:
    """Whether its paths name waves in which the same people answered."""
    return bool(waves_named(_ends(plan)))


def _ends(plan: PlanFile) -> list[str]:
    return [end for path in plan.paths for end in (path.predictor, path.outcome)]


def _contradictions(plan: PlanFile) -> Iterator[Problem]:
    """What is well formed in itself but does not fit together."""
    keys = [construct.key for construct in plan.constructs]
    yield from repeated_keys("constructs", keys)
    yield from repeated_keys("paths", (path.spec.key for path in plan.paths))
    yield from repeated_keys("sensitivity", (one.choice for one in plan.sensitivity))
    yield from _wrong_paths(plan, keys)
    several = [draft.key for draft in plan.constructs if len(draft.items) != 1]
    yield from _named_like_columns(several, _named_columns(plan))
    for alternatives in plan.sensitivity:
        yield from _wrong_options(plan, alternatives)
    yield from _categories_of_means(plan)
    yield from contradictions(
        plan.people,
        plan.subgroups,
        plan.adjustments,
        paths={path.spec.key: path.outcome for path in plan.paths},
        estimators=_estimators(plan),
    )
    yield from _measured_otherwise(plan)


def _measured_otherwise(plan: PlanFile) -> Iterator[Problem]:
    """What is asked of a group's own fit and an ordinal estimator does not tell."""
    if plan.measurement.fit_sizes and plan.estimator in ORDINAL:
        about = {"estimator": plan.estimator}
        yield Problem("measurement.fit_sizes", PlanMistake.MEASURED_BY_LIKELIHOOD, about)


def _categories_of_means(plan: PlanFile) -> Iterator[Problem]:
    """Estimators, planned or alternative, that cannot take means of stated distributions."""
    if plan.stated_distributions != "mean":
        return
    for where, names in _estimators(plan).items():
        for name in names:
            if name in ORDINAL:
                about = {"estimator": name}
                yield Problem(where, PlanMistake.ORDINAL_NEEDS_ANSWERS, about)


def _wrong_paths(plan: PlanFile, keys: Sequence[str]) -> Iterator[Problem]:
    """Paths with an end that there is not, with no sign, to themselves, or in a circle."""
    places = [f"paths[{name}]" for name in row_names([path.predictor for path in plan.paths])]
    for path, where in zip(plan.paths, places, strict=True):
        for end in ("outcome", "predictor"):
            name, _wave = of_wave(getattr(path, end))
            if name not in keys:
                about = {"given": name, "advice": advice(name, keys)}
                yield Problem(f"{where}.{end}", PlanMistake.UNKNOWN_CONSTRUCT, about)
        if path.sign == "human" and path.source != "H":
            yield Problem(f"{where}.sign", PlanMistake.MISSING_SIGN)
    ends = {
        where: (path.predictor, path.outcome)
        for path, where in zip(plan.paths, places, strict=True)
    }
    yield from wrong_waves(ends)
    yield from led_back([(path.model, path.predictor, path.outcome) for path in plan.paths], places)


def led_back(paths: Sequence[tuple[str, str, str]], places: Sequence[str]) -> Iterator[Problem]:
    """Paths of a construct to itself, and circles; ``paths`` are (model, predictor, outcome)."""
    for (_model, predictor, outcome), where in zip(paths, places, strict=True):
        if predictor == outcome:
            yield Problem(f"{where}.outcome", PlanMistake.SELF_PATH, {"given": outcome})
    for closing, loop in circles(paths):
        about = {"loop": " → ".join(loop)}
        yield Problem(f"{places[closing]}.outcome", PlanMistake.PATH_LOOP, about)


def _named_columns(plan: PlanFile) -> set[str]:
    """The columns of data that the plan itself names."""
    items = {item_name(f"{one.block}.{item}") for one in plan.constructs for item in one.items}
    return items | {item_name(ref) for ref in plan.covariates}


def _columns(
    constructs: Sequence[Construct],
    adjustments: Sequence[AdjustmentDraft],
    codebook: Sequence[Mapping[str, Any]],
) -> set[str]:
    """The columns that models of this study may have: items, mean scores, demographics."""
    scores = {indicator.name for one in constructs for indicator in one.indicators}
    about = {f"about_{one.by}" for one in adjustments}
    return scores | about | {item_name(row["ref"]) for row in codebook}


def _named_like_columns(latent: Iterable[str], columns: Collection[str]) -> Iterator[Problem]:
    """Latent variables that have the name of a column: no model of them could be fitted."""
    for key in latent:
        if key in columns:
            yield Problem(f"constructs[{key}].key", PlanMistake.NAMED_LIKE_COLUMN, {"given": key})


def _composites_like_columns(
    plan: PlanFile, codebook: Sequence[Mapping[str, Any]]
) -> Iterator[Problem]:
    items = {item_name(row["ref"]) for row in codebook}
    for draft in plan.constructs:
        if draft.indicators == "mean" and (name := _composite(draft)) in items:
            where = f"constructs[{draft.key}].key"
            yield Problem(where, PlanMistake.NAMED_LIKE_COLUMN, {"given": name})


def _composite(draft: ConstructDraft) -> str:
    """What the mean of all items of a construct is called in data files."""
    return f"{draft.block}_mean_{draft.key}"


def _estimators(plan: PlanFile) -> dict[str, tuple[str, ...]]:
    """Where the plan names estimators, and which."""
    varied = {
        f"sensitivity[{one.choice}].options": one.options[1:]
        for one in plan.sensitivity
        if one.choice == "estimator"
    }
    return {"estimator": (plan.estimator,), **varied}


def _wrong_options(plan: PlanFile, alternatives: Alternatives) -> Iterator[Problem]:
    """An option that the choice does not have, or another first one than is planned."""
    where = f"sensitivity[{alternatives.choice}].options"
    known = {"estimator": get_args(Estimator), "missing": get_args(Missing)}
    known["exclusions"] = ("planned", "nobody")
    for option in alternatives.options:
        choices = known.get(alternatives.choice)
        if choices and option not in choices:
            about = {"given": option, "advice": advice(option, choices)}
            yield Problem(where, PlanMistake.UNKNOWN_OPTION, about)
            return
    planned = {"estimator": plan.estimator, "missing": plan.missing, "exclusions": "planned"}
    first = planned.get(alternatives.choice, "all")
    if alternatives.options[0] != first:
        yield Problem(where, PlanMistake.PLANNED_COMES_FIRST, {"planned": first})


def _misfits(plan: PlanFile, codebook: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Blocks and items that the study does not have."""
    refs = [str(row["ref"]) for row in codebook]
    blocks = list(dict.fromkeys(str(row["block"]) for row in codebook))
    for draft in plan.constructs:
        if draft.block not in blocks:
            about = {"given": draft.block, "advice": advice(draft.block, blocks)}
            yield Problem(f"constructs[{draft.key}].block", FileMistake.UNKNOWN_BLOCK, about)
            continue
        own = [ref.partition(".")[2] for ref in refs if ref.startswith(f"{draft.block}.")]
        for item in draft.items:
            if item not in own:
                about = {"given": f"{draft.block}.{item}", "advice": advice(item, own)}
                yield Problem(f"constructs[{draft.key}].items", FileMistake.UNKNOWN_ITEM, about)
        yield from _unscored(draft, codebook)
    for ref in plan.covariates:
        if ref not in refs:
            about = {"given": ref, "advice": advice(ref, refs)}
            yield Problem("covariates", FileMistake.UNKNOWN_ITEM, about)


def _unscored(draft: ConstructDraft, codebook: Sequence[Mapping[str, Any]]) -> Iterator[Problem]:
    """Items whose answers are no numbers; and a block that has nothing else."""
    rows = {row["ref"]: row for row in codebook if row["block"] == draft.block}
    named = [rows[ref] for item in draft.items if (ref := f"{draft.block}.{item}") in rows]
    where = f"constructs[{draft.key}]"
    for row in named:
        if not row["scored"]:
            about = {"item": row["ref"], "kind": row["kind"]}
            yield Problem(f"{where}.items", PlanMistake.NOT_SCORED, about)
    if not draft.items and not any(row["scored"] for row in rows.values()):
        about = {"item": draft.block, "kind": next(iter(rows.values()))["kind"]}
        yield Problem(f"{where}.block", PlanMistake.NOT_SCORED, about)


def _unfit_for_estimator(plan: PlanFile, constructs: Sequence[Construct]) -> Iterator[Problem]:
    if plan.estimator not in ORDINAL:
        return
    for construct in constructs:
        if any(len(one.items) > 1 for one in construct.indicators):
            where = f"constructs[{construct.key}].indicators"
            yield Problem(where, PlanMistake.ORDINAL_NEEDS_ITEMS, {"estimator": plan.estimator})


def _construct(draft: ConstructDraft, codebook: Sequence[Mapping[str, Any]]) -> Construct:
    rows = {row["ref"]: row for row in codebook if row["block"] == draft.block and row["scored"]}
    wanted = [f"{draft.block}.{item}" for item in draft.items] or list(rows)
    return Construct(
        key=draft.key,
        label=draft.label,
        indicators=_indicators(draft, [rows[ref] for ref in wanted]),
        equal_loadings=draft.equal_loadings,
    )


def _indicators(draft: ConstructDraft, rows: Sequence[Mapping[str, Any]]) -> tuple[Indicator, ...]:
    if draft.indicators == "items":
        names = [(item_name(row["ref"]), row["facet"]) for row in rows]
        return tuple(Indicator(name, (name,), facet) for name, facet in names)
    if draft.indicators == "mean":
        whole = tuple(item_name(row["ref"]) for row in rows)
        return (Indicator(whole[0] if len(whole) == 1 else _composite(draft), whole),)
    facets: dict[str, list[str]] = {}
    for row in rows:
        facets.setdefault(row["facet"] or row["ref"], []).append(item_name(row["ref"]))
    return tuple(
        Indicator(f"{draft.block}_{item_name(facet)}", tuple(items), facet)
        for facet, items in facets.items()
    )


def _item(row: Mapping[str, Any]) -> ItemSpec:
    low, high = (int(end) if float(end).is_integer() else end for end in _span(row))
    return ItemSpec(item_name(row["ref"]), low, high, row["reverse_keyed"])


def _span(row: Mapping[str, Any]) -> tuple[float, float]:
    return row["minimum"], row["maximum"]
