"""What may be chosen on a plan's page, from the study and from the plan itself."""

from collections.abc import Mapping, Sequence
from typing import Any, get_args

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from analysis.plans.drafting.checking import Asked, rows_of
from analysis.plans.drafts import Estimator
from analysis.plans.people import IMPORTED

Choice = tuple[str, str]
# What the sets are called that are always the same.
_ALWAYS: Mapping[str, Sequence[tuple[str, Any]]] = {
    "indicators": (
        ("facets", gettext_lazy("Means of its facets (latent)")),
        ("items", gettext_lazy("Its items (latent)")),
        ("mean", gettext_lazy("One mean score (composite)")),
    ),
    "signs": (
        ("+", gettext_lazy("raises (+)")),
        ("-", gettext_lazy("lowers (−)")),
        ("human", gettext_lazy("as in the people")),
    ),
    "sources": (
        ("T", gettext_lazy("theory or literature")),
        ("H", gettext_lazy("own people")),
    ),
    "missing": (
        ("listwise", gettext_lazy("left out listwise")),
        ("pairwise", gettext_lazy("left out pairwise")),
        ("ml", gettext_lazy("full information (ml)")),
        ("fiml", gettext_lazy("full information (fiml)")),
        ("direct", gettext_lazy("full information (direct)")),
    ),
    "stated": (
        ("drawn", gettext_lazy("the answer that was drawn")),
        ("mean", gettext_lazy("its mean")),
    ),
    "alignments": (
        ("none", gettext_lazy("none")),
        ("fixed", gettext_lazy("fixed: the people’s mean is 0")),
        ("free", gettext_lazy("free: every mean is estimated")),
    ),
}
_VARIED: Mapping[str, Any] = {
    "estimator": gettext_lazy("estimator"),
    "missing": gettext_lazy("rule for missing answers"),
    "exclusions": gettext_lazy("exclusions"),
    "scale_direction": gettext_lazy("scale direction"),
    "history": gettext_lazy("history"),
    "elicitation": gettext_lazy("elicitation"),
    "items_per_turn": gettext_lazy("items per turn"),
    "block_order": gettext_lazy("order of blocks"),
    "wording": gettext_lazy("wording"),
}


def called(what: str, key: object) -> str:
    """What a choice of a set that is always the same is called; its key if it is none of them."""
    return str(dict(_ALWAYS[what]).get(str(key), key))


def varied(choice: str) -> str:
    """What a plan varies among its other choices, in words."""
    return str(_VARIED.get(choice, choice))


def choices_of(values: Mapping[str, Any], asked: Asked) -> dict[str, list[Choice]]:
    """Every set of choices but the items of a construct, as (value, words)."""
    always = {name: [(key, str(said)) for key, said in some] for name, some in _ALWAYS.items()}
    persons = [(str(one["key"]), str(one["key"])) for one in asked.demographics]
    return {
        **always,
        "blocks": _blocks(asked),
        "refs": [(str(row["ref"]), f"{row['ref']}: {row['text']}") for row in asked.codebook],
        "constructs": _constructs(values),
        "ends": _in_waves(_constructs(values), asked.waves),
        "paths": _paths(values),
        "outcomes": _outcomes(values),
        "persons": persons,
        "sampled": [*((one, _imported(one)) for one in IMPORTED), *persons],
        "estimators": [(one, one) for one in get_args(Estimator)],
        "groups": [(one, one) for one in asked.people],
        "varied": [(key, str(said)) for key, said in _VARIED.items()],
    }


def items_of(block: object, asked: Asked) -> list[tuple[str, list[Choice]]]:
    """The scored items of a block by facet, as (value, words)."""
    facets: dict[str, list[Choice]] = {}
    for row in asked.codebook:
        if row["block"] == block and row["scored"]:
            key = str(row["ref"]).partition(".")[2]
            facets.setdefault(row["facet"] or "", []).append((key, f"{key}: {row['text']}"))
    return list(facets.items())


def _imported(name: str) -> str:
    words = {"cluster": _("the imported cluster"), "stratum": _("the imported stratum")}
    return words[name]


def _blocks(asked: Asked) -> list[Choice]:
    items: dict[str, int] = {}
    measures: dict[str, str] = {}
    for row in asked.codebook:
        if row["scored"]:
            items[row["block"]] = items.get(row["block"], 0) + 1
            measures[row["block"]] = row["construct"]
    said = _("%(block)s: %(construct)s, items: %(n)s")
    return [
        (block, said % {"block": block, "construct": measures[block], "n": n})
        for block, n in items.items()
    ]


def _constructs(values: Mapping[str, Any]) -> list[Choice]:
    found = []
    for row in rows_of(values, "constructs"):
        key = row.get("key") if isinstance(row, Mapping) else None
        if isinstance(key, str) and key:
            label = row.get("label")
            found.append((key, f"{key}: {label}" if isinstance(label, str) and label else key))
    return list(dict(found).items())


def _in_waves(constructs: Sequence[Choice], waves: Sequence[int]) -> list[Choice]:
    """What a path can begin or end at: of a study with waves also a construct in each of them."""
    said = _("%(construct)s, wave %(n)s")
    return [
        *constructs,
        *(
            (f"{key}@{wave}", said % {"construct": words, "n": wave})
            for wave in waves
            for key, words in constructs
        ),
    ]


def _ends(values: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    rows = [row for row in rows_of(values, "paths") if isinstance(row, Mapping)]
    return [
        (str(row.get("model") or "main"), str(row["predictor"]), str(row["outcome"]))
        for row in rows
        if row.get("predictor") and row.get("outcome")
    ]


def _paths(values: Mapping[str, Any]) -> list[Choice]:
    found = {}
    for model, predictor, outcome in _ends(values):
        arrow = f"{predictor}->{outcome}"
        key = arrow if model == "main" else f"{model}:{arrow}"
        found[key] = key.replace("->", " → ")
    return list(found.items())


def _outcomes(values: Mapping[str, Any]) -> list[Choice]:
    return [(one, one) for one in dict.fromkeys(outcome for *_way, outcome in _ends(values))]
