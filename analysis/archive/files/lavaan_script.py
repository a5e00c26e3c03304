"""An R script that refits every model of a run with lavaan and compares the numbers."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from analysis.archive.content import RunFacts
from analysis.archive.files.fits import Refit
from analysis.compare.plan import Plan

NO_RULES: Mapping[str, float] = {}
TEMPLATE = Path(__file__).with_name("reproduce.R")
AGREEMENT = Path(__file__).with_name("agreement.R")
# lavaan reads one modifier per term; a term that is freed and labelled is written twice.
FREED_AND_LABELLED = re.compile(r"\bNA\*(\w[\w.]*)\*(\w[\w.]*)")


def lavaan_script(
    run: RunFacts, plan: Plan, fits: Sequence[Refit], rules: Mapping[str, float] = NO_RULES
) -> str:
    """The text of reproduce.R for these fits, in their order, and these rules of exclusion."""
    parts = {
        "@run@": run.id,
        "@study@": run.study,
        "@plan@": run.plan,
        "@people@": _text(plan.reference_group),
        "@delta@": repr(plan.delta),
        "@level@": repr(plan.level),
        "@rules@": ", ".join(f"{name} = {bound:.17g}" for name, bound in rules.items()),
        "@fits@": ",\n".join(_entry(fit) for fit in fits if fit.repeatable),
    }
    text = TEMPLATE.read_text(encoding="utf-8")
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text


def agreement_script() -> str:
    """The text of agreement.R: VAAR and its companions as functions in base R."""
    return AGREEMENT.read_text(encoding="utf-8")


def lavaan_syntax(syntax: str) -> str:
    """Model text in the words that lavaan reads as we do."""
    return FREED_AND_LABELLED.sub(r"NA*\2 + \1*\2", syntax)


def _entry(fit: Refit) -> str:
    summary = fit.summary
    lines = lavaan_syntax(summary.syntax).split("\n")
    model = "\n".join(f"      {line}".rstrip() for line in lines)
    return f"""\
  list(
    fit = {_text(fit.id)},
    model = "
{model}
    ",
    groups = {_vector(summary.groups)},
    columns = {_vector(fit.columns)},
    ordered = {_vector(fit.ordered)},
    weight = {_text(fit.weight)},
    estimator = {_text(_estimator(fit))},
    missing = {_text(summary.missing)},
    information = {_text(fit.information)},
    group_equal = {_vector(summary.group_equal)},
    group_partial = {_vector(summary.group_partial)},
    clusters = {_text(_clusters(fit))}
  )"""


def _estimator(fit: Refit) -> str:
    """ML of clusters and weights is MLR here; lavaan would scale its tests otherwise."""
    estimator = fit.summary.estimator
    return "MLR" if (fit.clustered or fit.weight) and estimator.upper() == "ML" else estimator


def _clusters(fit: Refit) -> str:
    if not fit.clustered:
        return "none"
    return "all" if fit.lavaan_has_clusters else "some"


def _vector(values: Iterable[str]) -> str:
    """An R character vector; lavaan takes an empty text for "none"."""
    return f"c({', '.join(map(_text, values)) or _text('')})"


def _text(value: str) -> str:
    """An R string. R and JSON write quotes, backslashes and letters beyond ASCII alike."""
    return json.dumps(value)
