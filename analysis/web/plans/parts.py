"""The fields of a plan's page: each key of the plan file with its words, and how it is typed."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from analysis.plans.drafts import Draws, Exclusions, MeasurementDraft
from analysis.plans.people import PeopleDraft


@dataclass(frozen=True, slots=True)
class Part:
    """A key of the plan, or of a row: how it is typed, what it is called, what may be chosen.

    ``kind`` is one of text, area, number, decimal, select, tick, ticks, numbers and lines;
    ``choices`` names a set of `analysis.web.plans.choices`. What is ``rare`` is folded away.
    """

    key: str
    kind: str
    label: Any
    help: Any = ""
    choices: str = ""
    rare: bool = False


@dataclass(frozen=True, slots=True)
class Rows:
    """A list of the plan: its rows are added and taken out by buttons."""

    key: str
    one: Any
    add: Any
    parts: tuple[Part, ...]


CONSTRUCTS = Rows(
    "constructs",
    _("Construct"),
    _("Add a construct"),
    (
        Part("key", "text", _("Short name"), _("Such as TRUST; paths and tables use it.")),
        Part("label", "text", _("Name in print")),
        Part("block", "select", _("Measured by"), choices="blocks"),
        Part("indicators", "select", _("Indicators"), choices="indicators"),
        Part("equal_loadings", "tick", _("Equal loadings"),
             _("Identifies a construct of two indicators."), rare=True),
        Part("items", "ticks", _("Only these items"), _("None ticked: all of them."),
             choices="items", rare=True),
    ),
)  # fmt: skip
PATHS = Rows(
    "paths",
    _("Path"),
    _("Add a path"),
    (
        Part("predictor", "select", _("From"), choices="ends"),
        Part("outcome", "select", _("To"), choices="ends"),
        Part("sign", "select", _("Expected"), choices="signs"),
        Part("source", "select", _("Known from"), choices="sources"),
        Part("reference", "area", _("Why this sign is expected"),
             _("A citation, or what the people of an earlier study showed.")),
        Part("family", "text", _("Family"),
             _("VAAR averages within families, then over them. Left empty, the path is its own."),
             rare=True),
        Part("model", "text", _("Model"),
             _("Paths of one model are estimated together; left empty: main."), rare=True),
        Part("facet", "text", _("Facet"), rare=True),
        Part("scenario", "text", _("Scenario"), rare=True),
    ),
)  # fmt: skip
SUBGROUPS = Rows(
    "subgroups",
    _("Subgroups"),
    _("Add subgroups"),
    (
        Part("by", "select", _("People divided by"), choices="persons"),
        Part("cuts", "numbers", _("Cuts"),
             _("Of a number: where a subgroup ends, such as 35 55. Of a choice: none.")),
        Part("moderates", "ticks", _("Paths that may differ between them"), choices="paths"),
    ),
)  # fmt: skip
ADJUSTMENTS = Rows(
    "adjustments",
    _("Covariate"),
    _("Add a covariate"),
    (
        Part("by", "select", _("Adjusted for"), choices="persons"),
        Part("outcomes", "ticks", _("As a predictor of"), choices="outcomes"),
        Part("reference", "text", _("Reference option"),
             _("Of a choice: the option that the others are compared with.")),
    ),
)  # fmt: skip
SENSITIVITY = Rows(
    "sensitivity",
    _("Alternative"),
    _("Add an alternative"),
    (
        Part("choice", "select", _("Also with other"), choices="varied"),
        Part("options", "lines", _("Options, one a line"),
             _("The planned one first: the estimator, the rule for missing answers, “planned” "
               "before “nobody”; “all” before values of what varies between sessions.")),
    ),
)  # fmt: skip
LISTS = (CONSTRUCTS, PATHS, SUBGROUPS, ADJUSTMENTS, SENSITIVITY)

NAME = Part("name", "text", _("Name of the plan"), _("Lower-case words joined by hyphens."))
ESTIMATION = (
    Part("estimator", "select", _("Estimator"), choices="estimators"),
    Part("missing", "select", _("Missing answers"), choices="missing"),
    Part("reference_group", "select", _("Models are compared with"), choices="groups"),
    Part("correlate_observed", "tick", _("Observed predictors covary with latent ones")),
    Part("stated_distributions", "select", _("Of distributions that models stated, take"),
         choices="stated", rare=True),
    Part("covariates", "ticks", _("Items that predict every outcome"),
         _("They are no paths, and no agreement is counted of them."), choices="refs", rare=True),
)  # fmt: skip
TABLES: Mapping[str, tuple[Part, ...]] = {
    "exclusions": (
        Part("attention_checks_failed", "number", _("Failed attention checks"),
             _("This many leave somebody out, people and sessions of models alike; 0: nobody.")),
        Part("minimum_seconds", "number", _("Fewer seconds than"),
             _("People who were faster are left out; 0: nobody.")),
        Part("straight_lining", "decimal", _("Share of scales with one option throughout"),
             _("From 0 to 1; people at or above it are left out; 0: nobody.")),
        Part("seconds_per_answer", "decimal", _("Fewer seconds an answer on a page than"),
             _("Of pages with three answers or more, when sent first; 0: nobody. One to two "
               "seconds are usual.")),
        Part("long_run", "number", _("One option so many times in a row"),
             _("Across questions of one scale, in the order asked; 0: nobody.")),
        Part("repeated", "tick", _("All answers the same as an earlier respondent’s"),
             _("Of fifteen answers or more with three different values.")),
        Part("traps", "tick", _("Filled in a field that nobody sees"),
             _("Where the study records it: paradata = [\"traps\"].")),
        Part("pasted_texts", "number", _("So many texts pasted"),
             _("For the most part, and where the study records it; 0: nobody.")),
        Part("times_left", "number", _("Pages left so many times"),
             _("For another window, and where the study records it; 0: nobody.")),
        Part("proof_of_work", "tick", _("No valid proof of work"),
             _("Where the study asks for it: paradata = [\"proof_of_work\"]. Whoever has no "
               "JavaScript is left out as well.")),
        Part("models_too", "tick", _("Patterns of models too"),
             _("Straight lines, runs and repeated answers leave out sessions of models as well. "
               "They may be how the model answers."), rare=True),
    ),
    "people": (
        Part("weights", "tick", _("With the imported sampling weights")),
        Part("clusters", "select", _("People are clustered in"), choices="sampled"),
        Part("strata", "select", _("Strata"), choices="sampled"),
    ),
    "measurement": (
        Part("latent_means", "tick", _("Latent means of models less those of people")),
        Part("item_bias", "tick", _("How far each indicator is biased (dMACS)")),
        Part("fit_sizes", "tick", _("How large misfit may be (T-size RMSEA and CFI)")),
        Part("reliability", "tick", _("Reliability with intervals (ω, AVE, HTMT)")),
        Part("alignment", "select", _("Alignment of all groups"), choices="alignments"),
        Part("equivalence_bound", "decimal", _("Paths are alike within"),
             _("A standardised path is as in people where its difference lies within ± this.")),
    ),
    "draws": (
        Part("seed", "number", _("Seed"), _("Makes every draw repeatable.")),
        Part("bootstrap", "number", _("Bootstrap"), _("Draws for intervals; 0: none.")),
        Part("permutations", "number", _("Permutations"), _("Draws for the null; 0: none.")),
        Part("noise_draws", "number", _("Samples of people"),
             _("Draws of people against themselves; 0: none.")),
    ),
    "facts": (
        Part("direction_rationale", "area", _("Why attitudes lead to actions")),
        Part("equivalent_models", "area", _("Equivalent models")),
        Part("estimator_reason", "area", _("Why this estimator")),
        Part("missing_mechanism", "area", _("Why answers are missing")),
        Part("fit_criteria", "area", _("When fit is acceptable")),
        Part("planned_n", "area", _("Planned n")),
        Part("detectable_path", "area", _("Smallest path that can be detected")),
    ),
}  # fmt: skip
# What is planned where nothing is written.
DEFAULTS: Mapping[str, Any] = {
    "estimator": "MLR",
    "missing": "listwise",
    "correlate_observed": True,
    "stated_distributions": "drawn",
    "exclusions": Exclusions(),
    "measurement": MeasurementDraft(),
    "people": PeopleDraft(),
    "draws": Draws(),
}
