"""Everything a report prints, and nothing it has to compute.

``ReportContent`` joins the facts of a study (``analysis.report.facts``) to what the comparison
found (``analysis.compare.results``). Building one needs a database; printing one does not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from analysis.compare.results import Comparison, GroupSummary, Interval, Kind, PathSpec
from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.errors import ContentError
from analysis.report.facts import ModelArm, ModellingFacts, PeopleArm, Provenance, StudyFacts
from analysis.runs.datasheet import (
    AnswerDistribution,
    Correlations,
    Delivery,
    Exclusion,
    ItemMissing,
    MissingPattern,
    ModelFlow,
    PeopleFlow,
)

SIMULATED_LABEL = gettext_noop("SIMULATED DATA")
MODEL_LABEL = gettext_noop("model-generated, not participants")


@dataclass(frozen=True, slots=True)
class ItemWording:
    """An item as people read it, and as models read it where that differs by a character.

    ``name`` is what the plan calls the item, where that is not its ref.
    """

    ref: str
    text: str
    facet: str = ""
    reverse_keyed: bool = False
    model_text: str | None = None
    name: str = ""

    @property
    def variable(self) -> str:
        """The item's name in the plan and in the data."""
        return self.name or self.ref


@dataclass(frozen=True, slots=True, kw_only=True)
class InstrumentFacts:
    """One scale as it was given. ``construct`` is its key in the plan."""

    key: str
    title: str
    version: str
    construct: str
    items: tuple[ItemWording, ...]
    source: str | None = None
    translation: str | None = None
    licence: str | None = None
    wording_note: str | None = None
    instruction: str | None = None
    orientation: str | None = None
    anchors: tuple[tuple[int, str], ...] = ()
    other_anchors: tuple[tuple[tuple[int, str], ...], ...] = ()  # of items with another scale
    sha256: str | None = None

    @property
    def facets(self) -> tuple[str, ...]:
        """Facet names, in order of first appearance."""
        return tuple(dict.fromkeys(item.facet for item in self.items if item.facet))

    def item_label(self, item: ItemWording) -> str:
        """An item's ref without the block all items share, marked where it is reverse-keyed."""
        blocks = {each.ref.partition(".")[0] for each in self.items if "." in each.ref}
        shared = len(blocks) == 1 and all("." in each.ref for each in self.items)
        name = item.ref.partition(".")[2] if shared else item.ref
        return f"{name} (R)" if item.reverse_keyed else name

    @property
    def reverse_keyed(self) -> tuple[str, ...]:
        """Refs of the reverse-keyed items."""
        return tuple(item.ref for item in self.items if item.reverse_keyed)


@dataclass(frozen=True, slots=True)
class Residual:
    """A residual correlation of a fitted model larger than .10 in size."""

    group: str
    model: str
    first: str
    second: str
    value: float


@dataclass(frozen=True, slots=True)
class Specification:
    """The comparison once more under other choices: one measure of one model.

    ``choices`` maps each declared choice (estimator, exclusions, history…) to its option.
    """

    group: str
    measure: str
    choices: Mapping[str, str]
    value: float | None
    interval: Interval | None = None
    main: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportContent:
    """Everything that is printed.

    Raises:
        ContentError: a part names a group that the comparison does not have, or the comparison
            lacks its reference group.
    """

    study: StudyFacts
    comparison: Comparison
    instruments: tuple[InstrumentFacts, ...]
    people: PeopleArm = field(default_factory=PeopleArm)
    people_flow: tuple[PeopleFlow, ...] = ()
    model_arms: tuple[ModelArm, ...] = ()
    model_flow: tuple[ModelFlow, ...] = ()
    modelling: ModellingFacts = field(default_factory=ModellingFacts)
    missing: tuple[ItemMissing, ...] = ()
    missing_patterns: tuple[MissingPattern, ...] = ()
    distributions: tuple[AnswerDistribution, ...] = ()
    correlations: tuple[Correlations, ...] = ()
    residuals: tuple[Residual, ...] | None = None
    specifications: tuple[Specification, ...] = ()
    provenance: Provenance = field(default_factory=Provenance)
    language: str = "en"
    items_language: str = "en"  # in which the words of items are printed
    absent: tuple[str, ...] = ()  # sentences about panels that are not compared, and why
    imported_from: str = ""  # the source of people who were asked elsewhere
    imported_on: str = ""  # the days on which they were added
    deliveries: tuple[Delivery, ...] = ()

    def __post_init__(self) -> None:
        """Refuse parts that speak of different groups."""
        keys = {group.key for group in self.comparison.groups}
        tables = (
            self.people_flow,
            self.model_flow,
            self.model_arms,
            self.missing,
            self.missing_patterns,
            self.distributions,
            self.correlations,
            self.residuals or (),
            self.specifications,
            self.deliveries,
        )
        named = {row.group for table in tables for row in table} | self.comparison.named_groups
        if unknown := sorted(named - keys):
            raise ContentError(
                f"The report has rows of group {unknown[0]!r}, which was not compared. "
                "Compare it, or leave its rows out."
            )
        if self.comparison.plan.reference_group not in keys:
            raise ContentError("The comparison lacks the plan's reference group.")

    @property
    def people_groups(self) -> tuple[GroupSummary, ...]:
        """Groups of people, the reference group first."""
        reference = self.comparison.plan.reference_group
        people = [group for group in self.comparison.groups if group.kind == Kind.HUMAN]
        return tuple(sorted(people, key=lambda group: group.key != reference))

    @property
    def model_groups(self) -> tuple[GroupSummary, ...]:
        """Groups of model sessions, in the order of the comparison."""
        return tuple(group for group in self.comparison.groups if group.kind == Kind.LLM)

    @property
    def groups(self) -> tuple[GroupSummary, ...]:
        """People first, then models."""
        return self.people_groups + self.model_groups

    @property
    def reference(self) -> GroupSummary:
        """The people that every model is compared with."""
        return self.group(self.comparison.plan.reference_group)

    @property
    def all_imported(self) -> bool:
        """Whether none of the people was asked by this program; also where that is not known."""
        known = self.delivery(self.reference.key)
        return bool(self.imported_from) and (not known or known.imported == known.respondents)

    @property
    def simulated(self) -> bool:
        """True when any group answered by simulation."""
        return any(group.simulated for group in self.comparison.groups)

    @property
    def imported_models(self) -> tuple[GroupSummary, ...]:
        """The groups of models that were not asked by this program: their answers were imported."""
        keys = {arm.group for arm in self.model_arms if arm.imported}
        return tuple(group for group in self.comparison.groups if group.key in keys)

    def group(self, key: str) -> GroupSummary:
        """Look one group up by key."""
        return next(group for group in self.comparison.groups if group.key == key)

    def delivery(self, key: str) -> Delivery | None:
        """How a group was asked; None where that was not recorded."""
        return next((each for each in self.deliveries if each.group == key), None)

    def label(self, key: str) -> str:
        """The printed name of a group."""
        return self.group(key).label

    def construct_label(self, key: str) -> str:
        """The printed name of a construct or covariate."""
        constructs = self.comparison.plan.constructs
        return next((each.label for each in constructs if each.key == key), key)

    def instrument(self, construct: str) -> InstrumentFacts | None:
        """The scale that measures a construct of the plan, where it was described."""
        found = (each for each in self.instruments if each.construct == construct)
        return next(found, None)

    def expected_sign(self, path: PathSpec) -> int:
        """The frozen sign of a path; where the plan takes the people's, the sign found in them."""
        if path.expected_sign:
            return path.expected_sign
        found = self.comparison.path_estimate(self.reference.key, path.key).std
        return -1 if found is not None and found < 0 else 1

    def path_label(self, path: PathSpec) -> str:
        """The printed name of a path, such as "Privacy concern → Data sharing".

        The model is named where the same arrow occurs in several.
        """
        arrow = f"{self.construct_label(path.predictor)} → {self.construct_label(path.outcome)}"
        ends = (path.predictor, path.outcome)
        same = [p for p in self.comparison.plan.paths if (p.predictor, p.outcome) == ends]
        return arrow if len(same) == 1 else f"{arrow} ({path.model})"


def rule_words(rule: Exclusion) -> str:
    """What left respondents out, and of a plan over waves in which."""
    words = _(rule.rule)
    return _("{rule}, wave {n}").format(rule=words, n=rule.wave) if rule.wave else words


def named_here(content: ReportContent) -> ReportContent:
    """The content with groups called as they are in the language being written.

    Of people the name is the program's word, of models what a member wrote.
    """
    groups = tuple(
        replace(one, label=_(one.label)) if one.kind == Kind.HUMAN else one
        for one in content.comparison.groups
    )
    return replace(content, comparison=replace(content.comparison, groups=groups))
