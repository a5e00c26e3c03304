"""Whether a group's answers can serve as a yardstick: keys, fit, size, predictors told apart."""

from collections.abc import Iterator

from analysis.compare.data.measurement import latent_name
from analysis.compare.model_fit import ModelFit, fit_words, model_fit
from analysis.compare.models.joint.fit import FEWEST_ROWS
from analysis.compare.notices.rule import label, notice
from analysis.compare.plan import Plan, Rung
from analysis.compare.results import Comparison, FitSummary, ItemKeying, Notice
from analysis.language import digits, ngettext
from analysis.language import gettext as _

# Guide for the size of a sample, beside `FEWEST_ROWS` (Bentler & Chou 1987).
ROWS_PER_PARAMETER = 5.0
# Predictors that correlate beyond this are not told apart.
LARGEST_CORRELATION = 0.90


def items_against_key(comparison: Comparison) -> Iterator[Notice]:
    """Items that run against the rest of their scale: keyed wrongly, or answered so."""
    scales: dict[tuple[str, str], list[ItemKeying]] = {}
    for row in comparison.keying:
        if row.against:
            scales.setdefault((row.group, row.construct), []).append(row)
    for (group, construct), rows in scales.items():
        told = (
            ngettext(
                "{items} runs against {others}, the other half of {construct}, in {group}: the "
                "answers do not tell which half is keyed wrongly.",
                "{items} run against {others}, the other half of {construct}, in {group}: the "
                "answers do not tell which half is keyed wrongly.",
                len(rows),
            )
            if rows[0].half
            else ngettext(
                "{items} runs against the rest of {construct} in {group}: check the key. High does "
                "not mean the same for every item of {construct}.",
                "{items} run against the rest of {construct} in {group}: check the key. High does "
                "not mean the same for every item of {construct}.",
                len(rows),
            )
        ).format(
            items=_named(rows),
            others=_others(comparison.plan, rows),
            construct=construct,
            group=label(comparison, group),
        )
        yield notice("warning", "items_against_key", told, group=group, subject=construct)


def _others(plan: Plan, rows: list[ItemKeying]) -> str:
    against = {row.item for row in rows}
    return ", ".join(one for one in plan.construct(rows[0].construct).items if one not in against)


def items_alike(comparison: Comparison) -> Iterator[Notice]:
    """Items that are answered nearly as if they were one: a copied column, or one question."""
    for group in dict.fromkeys(row.group for row in comparison.keying):
        pairs: dict[frozenset[str], float] = {
            frozenset((row.item, row.twin)): row.twin_r
            for row in comparison.keying
            if row.group == group and row.twin_r is not None
        }
        if pairs:
            named = "; ".join(_pair(sorted(pair), r) for pair, r in pairs.items())
            yield notice(
                "warning",
                "items_alike",
                _(
                    "Answered nearly alike in {group} (correlation): {named}. If a column was "
                    "copied, leave one of them out."
                ).format(group=label(comparison, group), named=named),
                group=group,
            )


def _pair(pair: list[str], r: float) -> str:
    named = _("{first} and {last}").format(first=", ".join(pair[:-1]), last=pair[-1])
    return f"{named} ({_signed(r)})"


def _named(rows: list[ItemKeying]) -> str:
    return ", ".join(f"{row.item} ({_numbers(row)})" for row in rows)


def _numbers(row: ItemKeying) -> str:
    told = []
    if row.item_rest is not None:
        told.append(_("item–rest r = {r}").format(r=_signed(row.item_rest)))
    if row.loading is not None:
        told.append(_("loading = {loading}").format(loading=_signed(row.loading)))
    return ", ".join(told)


def _signed(value: float) -> str:
    return digits(f"{value:.2f}")


def orientation_unclear(comparison: Comparison) -> Iterator[Notice]:
    """Most loadings of a construct run against its marker, and no single item is at fault."""
    named = {(row.group, row.construct) for row in comparison.keying if row.against}
    for fit in own_fits(comparison):
        for construct in comparison.plan.constructs:
            rows = [
                row for row in fit.parameters if (row["lhs"], row["op"]) == (construct.key, "=~")
            ]
            against = [row for row in rows if isinstance(row["est"], float) and row["est"] < 0.0]
            if (fit.groups[0], construct.key) in named or not rows:
                continue
            if 2 * len(against) >= len(rows):
                yield notice(
                    "warning",
                    "orientation_unclear",
                    _(
                        "Half or more of the loadings of {construct} in {group} are negative: "
                        "check which items are reverse-keyed."
                    ).format(construct=construct.key, group=label(comparison, fit.groups[0])),
                    group=fit.groups[0],
                    subject=construct.key,
                )


def poor_fit(comparison: Comparison) -> Iterator[Notice]:
    """A model that was tested and does not fit, or of which nobody can tell at this n."""
    for fit in own_fits(comparison):
        found = model_fit(fit.indices)
        if found in (ModelFit.POOR, ModelFit.UNCLEAR):
            consequence = (
                _("paths and the comparison rest on a structure that its answers do not bear out.")
                if found is ModelFit.POOR
                else _("no claim rests on its fit.")
            )
            told = (
                _("In {group} the planned model {fits} (n = {n}); {consequence}")
                if fit.rung in (Rung.FULL, Rung.FIT_NOT_SHOWN)
                else _("In {group} the model {fits} (n = {n}); {consequence}")
            )
            yield notice(
                "warning",
                "poor_fit" if found is ModelFit.POOR else "fit_unclear",
                told.format(
                    group=label(comparison, fit.groups[0]),
                    fits=fit_words(fit.indices),
                    n=fit.nobs[0],
                    consequence=consequence,
                ),
                group=fit.groups[0],
                subject=fit.model,
            )


def small_sample(comparison: Comparison) -> Iterator[Notice]:
    """Fewer rows than a model of this size can bear."""
    for fit in own_fits(comparison):
        n = fit.nobs[0]
        each = n / fit.npar if fit.npar else float(n)
        if n < FEWEST_ROWS or each < ROWS_PER_PARAMETER:
            yield notice(
                "warning",
                "small_sample",
                _(
                    "The model of {group} rests on {n} rows for {free} free parameters, {each} a "
                    "parameter (guides: {fewest} rows, {guide} a parameter): tests and intervals "
                    "of large samples may not hold."
                ).format(
                    group=label(comparison, fit.groups[0]),
                    n=n,
                    free=fit.npar,
                    each=digits(f"{each:.1f}"),
                    fewest=FEWEST_ROWS,
                    guide=f"{ROWS_PER_PARAMETER:.0f}",
                ),
                group=fit.groups[0],
                subject=fit.model,
            )


def collinear_predictors(comparison: Comparison) -> Iterator[Notice]:
    """Predictors of one outcome that correlate so highly that their paths cannot be told apart."""
    for fit in own_fits(comparison):
        for first, second, r in _alike(fit, comparison.plan):
            beyond = [
                f"{row.path} = {_signed(row.std)}"
                for row in comparison.paths
                if row.group == fit.groups[0]
                and row.rung is fit.rung
                and row.std is not None
                and abs(row.std) > 1.0
                and comparison.plan.path(row.path).predictor in (first, second)
            ]
            told = (
                _(
                    "{first} and {second} correlate {r} in {group}: their paths cannot be told "
                    "apart, and run beyond ±1: {beyond}."
                )
                if beyond
                else _(
                    "{first} and {second} correlate {r} in {group}: their paths cannot be told "
                    "apart."
                )
            )
            yield notice(
                "warning",
                "collinear_predictors",
                told.format(
                    first=first,
                    second=second,
                    r=_signed(r),
                    group=label(comparison, fit.groups[0]),
                    beyond=", ".join(beyond),
                ),
                group=fit.groups[0],
                subject=f"{first}, {second}",
            )


def _alike(fit: FitSummary, plan: Plan) -> Iterator[tuple[str, str, float]]:
    """Pairs of predictors of one outcome beyond the bound, by their keys."""
    keys = _keys(plan)
    for row in fit.parameters:
        ends = keys.get(str(row.get("lhs")), ""), keys.get(str(row.get("rhs")), "")
        r = row.get("std_all")
        if row["op"] != "~~" or "" in ends or ends[0] == ends[1] or not isinstance(r, float):
            continue
        if abs(r) > LARGEST_CORRELATION and _share_an_outcome(plan, fit.model, ends):
            yield *ends, r


def _keys(plan: Plan) -> dict[str, str]:
    """Every name under which a construct may stand in a fit -> its key."""
    named: dict[str, str] = {}
    for one in plan.constructs:
        single = (one.indicators[0].name,) if len(one.indicators) == 1 else ()
        named |= dict.fromkeys((one.key, latent_name(one.key), *single), one.key)
    return named


def _share_an_outcome(plan: Plan, model: str, ends: tuple[str, str]) -> bool:
    paths = [path for path in plan.paths if path.model == model]
    outcomes = [{path.outcome for path in paths if path.predictor == end} for end in ends]
    return bool(outcomes[0] & outcomes[1])


def own_fits(comparison: Comparison) -> list[FitSummary]:
    """The fit of each group alone on the rung where it stands, one per model."""
    standing = {(row.group, row.model): row.rung for row in comparison.estimability}
    found: dict[tuple[str, str], FitSummary] = {}
    for fit in comparison.fits:
        key = (fit.groups[0], fit.model)
        if fit.label == "own" and len(fit.groups) == 1 and standing.get(key, fit.rung) is fit.rung:
            found.setdefault(key, fit)
    return list(found.values())
