"""Analysis plans as files: what a researcher writes, read into the plan that is frozen.

A plan file names blocks of a study; `resolve` turns them into items with their ranges and keying.
Pure: the rows of the study's codebook are handed in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.compare.plan import Construct, Indicator, ItemSpec, PathSpec, Plan, Sign, SignSource
from surveys.instrument_files.errors import InstrumentFileError, Problem
from surveys.instrument_files.toml_tables import SLUG, Table, parse_toml, read_text

PLANS = Path(__file__).parent
# What may vary between respondents of a study, and what a sensitivity grid may vary in all.
VARIED = ("scale_direction", "history", "elicitation", "items_per_turn", "block_order", "wording")
CHOICES = ("estimator", "missing", "exclusions", *VARIED)
SIGNS: Mapping[str, Sign] = {"+": 1, "-": -1, "human": 0}


@dataclass(frozen=True, slots=True)
class ConstructDraft:
    """A construct as a plan file names it: items of one block, alone or averaged by facet."""

    key: str
    label: str
    block: str
    indicators: str
    items: tuple[str, ...]
    equal_loadings: bool


@dataclass(frozen=True, slots=True)
class Exclusions:
    """Who is left out of the analysis, beside those who did not finish. 0 switches a rule off."""

    attention_checks_failed: int = 0
    minimum_seconds: int = 0


@dataclass(frozen=True, slots=True)
class Draws:
    """How often uncertainty is drawn; 0 leaves a part out. ``seed`` makes it repeatable."""

    seed: int = 1
    bootstrap: int = 1000
    permutations: int = 1000
    noise_draws: int = 200


@dataclass(frozen=True, slots=True)
class Alternatives:
    """One declared choice of the sensitivity grid; the planned option comes first."""

    choice: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A plan as it is written. `reference_group` is empty where the study decides it.

    `covariates` are references of single items, ``block.item``; like every item they are oriented.
    """

    name: str
    study: str
    reference_group: str
    estimator: str
    missing: str
    constructs: tuple[ConstructDraft, ...]
    paths: tuple[PathSpec, ...]
    exclusions: Exclusions
    draws: Draws
    sensitivity: tuple[Alternatives, ...] = ()
    covariates: tuple[str, ...] = ()
    correlate_observed: bool = True


def load_plan(path: Path | str) -> PlanFile:
    """Read and validate a plan file; raises `InstrumentFileError` with all problems."""
    path = Path(path)
    return parse_plan(read_text(path), file=path.name)


def bundled_plan(study: str) -> Path:
    """The plan that comes with a bundled study; `InstrumentFileError` for any other study."""
    path = PLANS / f"{study}.toml"
    if not path.exists():
        raise InstrumentFileError(
            path.name, "file", f"no plan comes with {study}; name a plan file", "no_bundled_plan"
        )
    return path


def parse_plan(text: str, *, file: str = "plan") -> PlanFile:
    """Validate the text of a plan file, named `file` in errors."""
    problems: list[Problem] = []
    plan = _plan(Table(parse_toml(text, file=file), path="", problems=problems))
    if problems:
        raise InstrumentFileError.of(file, problems)
    return plan


def item_name(ref: str) -> str:
    """The name of a question in data files and model syntax: ``block.item`` as ``block_item``."""
    return ref.replace(".", "_").replace("-", "_")


def resolve(plan: PlanFile, *, codebook: Sequence[Mapping[str, Any]], reference_group: str) -> Plan:
    """Turn a plan file into the plan that is carried out.

    `codebook` is one row per item of the study (`surveys.selectors.codebook`). Raises
    `InstrumentFileError` for a block or item that the study does not have, and `PlanError`.
    """
    constructs = tuple(_construct(draft, codebook, plan.name) for draft in plan.constructs)
    used = {item for construct in constructs for item in construct.items}
    covariates = _covariates(plan, codebook)
    return Plan(
        constructs=constructs,
        paths=plan.paths,
        items=tuple(_item(row) for row in codebook if item_name(row["ref"]) in used),
        reference_group=plan.reference_group or reference_group,
        estimator=plan.estimator,
        missing=plan.missing,
        covariates=covariates,
        correlate_observed=plan.correlate_observed,
    )


def _plan(table: Table) -> PlanFile:
    plan = PlanFile(
        name=table.text("name", shape=SLUG),
        study=table.text("study", shape=SLUG),
        reference_group=table.text("reference_group") if table.has("reference_group") else "",
        estimator=table.text("estimator", default="ML"),
        missing=table.text("missing", default="listwise"),
        constructs=tuple(_draft(row) for row in table.tables("constructs")),
        paths=tuple(_path(row) for row in table.tables("paths", named_by="predictor")),
        exclusions=_exclusions(table.table("exclusions", required=False)),
        draws=_draws(table.table("draws", required=False)),
        sensitivity=tuple(_alternatives(row) for row in _grid(table)),
        covariates=table.strings("covariates") if table.has("covariates") else (),
        correlate_observed=table.boolean("correlate_observed", default=True),
    )
    table.finish()
    return plan


def _draft(row: Table) -> ConstructDraft:
    draft = ConstructDraft(
        key=row.text("key"),
        label=row.text("label"),
        block=row.text("block"),
        indicators=row.choice("indicators", ("facets", "items")),
        items=tuple(row.raw("items") or ()),
        equal_loadings=row.boolean("equal_loadings", default=False),
    )
    row.finish()
    return draft


def _path(row: Table) -> PathSpec:
    path = PathSpec(
        outcome=row.text("outcome"),
        predictor=row.text("predictor"),
        expected_sign=SIGNS[row.choice("sign", tuple(SIGNS))],
        source=SignSource(row.choice("source", tuple(source.value for source in SignSource))),
        family=row.text("family"),
        reference=_optional(row, "reference"),
        model=_optional(row, "model") or "main",
        facet=_optional(row, "facet"),
        scenario=_optional(row, "scenario"),
    )
    row.finish()
    return path


def _optional(row: Table, key: str) -> str:
    return row.text(key) if row.has(key) else ""


def _exclusions(table: Table) -> Exclusions:
    rules = Exclusions(
        attention_checks_failed=table.integer("attention_checks_failed", default=0, minimum=0),
        minimum_seconds=table.integer("minimum_seconds", default=0, minimum=0),
    )
    table.finish()
    return rules


def _draws(table: Table) -> Draws:
    usual = Draws()
    draws = Draws(
        seed=table.integer("seed", default=usual.seed, minimum=0),
        bootstrap=table.integer("bootstrap", default=usual.bootstrap, minimum=0),
        permutations=table.integer("permutations", default=usual.permutations, minimum=0),
        noise_draws=table.integer("noise_draws", default=usual.noise_draws, minimum=0),
    )
    table.finish()
    return draws


def _grid(table: Table) -> list[Table]:
    return table.tables("sensitivity", named_by="choice", required=False)


def _alternatives(row: Table) -> Alternatives:
    alternatives = Alternatives(row.choice("choice", CHOICES), row.strings("options"))
    row.finish()
    return alternatives


def _covariates(plan: PlanFile, codebook: Sequence[Mapping[str, Any]]) -> tuple[str, ...]:
    known = {row["ref"] for row in codebook}
    if unknown := [ref for ref in plan.covariates if ref not in known]:
        raise InstrumentFileError(
            plan.name,
            "covariates",
            f"the study has no {unknown[0]}; name an item of its codebook as block.item",
            "unknown_item",
        )
    return tuple(item_name(ref) for ref in plan.covariates)


def _construct(
    draft: ConstructDraft, codebook: Sequence[Mapping[str, Any]], plan: str
) -> Construct:
    rows = {row["ref"]: row for row in codebook if row["block"] == draft.block}
    wanted = [f"{draft.block}.{item}" for item in draft.items] or list(rows)
    if unknown := [ref for ref in wanted if ref not in rows] or ([] if rows else [draft.block]):
        raise InstrumentFileError(
            plan,
            f"constructs[{draft.key}]",
            f"the study has no {unknown[0]}; name a block and items of its codebook",
            "unknown_item",
        )
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
    facets: dict[str, list[str]] = {}
    for row in rows:
        facets.setdefault(row["facet"] or row["ref"], []).append(item_name(row["ref"]))
    return tuple(
        Indicator(f"{draft.block}_{item_name(facet)}", tuple(items), facet)
        for facet, items in facets.items()
    )


def _item(row: Mapping[str, Any]) -> ItemSpec:
    return ItemSpec(item_name(row["ref"]), row["minimum"], row["maximum"], row["reverse_keyed"])
