"""The datasheet of a run: what is known of the data beside the comparison. Pure.

Counted when the fit is carried out and stored with it, so that whatever is printed later speaks of
the same data.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Exclusion:
    """One rule by which respondents were left out, and how many it left out.

    ``wave`` is that of a plan over waves in which it did; else 0.
    """

    rule: str
    count: int | None
    cutoff: str = ""
    wave: int = 0


@dataclass(frozen=True, slots=True)
class DemographicRow:
    """One category of one demographic field among the people kept."""

    field: str
    category: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFlow:
    """People from the first visit to the analysis. None is a count that was not recorded."""

    group: str
    visited: int | None = None
    started: int | None = None
    consented: int | None = None
    completed: int | None = None
    kept: int | None = None
    declined: int | None = None
    withdrawn: int | None = None
    erased: int | None = None
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFlow:
    """Sessions of one panel from its recruiting to the analysis; begun ones were asked something.

    None is a count that was not recorded.
    """

    group: str
    recruited: int | None = None
    begun: int | None = None
    finished: int | None = None
    kept: int | None = None
    exclusions: tuple[Exclusion, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How the questionnaire was put to the respondents of a group who were kept.

    ``respondents`` is their number; ``on_pages`` came through a recruiting link to the pages of the
    site, ``imported`` were asked elsewhere. The mappings count respondents: by language, by
    direction of scales, by the consent they gave ("version language"), and by order of blocks, keys
    between spaces, "" where blocks were mixed. Order and direction of the imported are not known
    and not counted. ``days`` are the first and last day on which those asked here began, ISO 8601.
    """

    group: str
    respondents: int
    on_pages: int = 0
    imported: int = 0
    languages: Mapping[str, int] = field(default_factory=dict)
    scale_directions: Mapping[str, int] = field(default_factory=dict)
    consents: Mapping[str, int] = field(default_factory=dict)
    block_orders: Mapping[str, int] = field(default_factory=dict)
    days: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ItemMissing:
    """Missing answers of one item in one group, by coded reason."""

    group: str
    item: str
    asked: int
    reasons: Mapping[str, int]

    @property
    def total(self) -> int:
        """Missing answers of any reason."""
        return sum(self.reasons.values())


@dataclass(frozen=True, slots=True)
class MissingPattern:
    """A set of items missing together, and how many respondents show it."""

    group: str
    items: tuple[str, ...]
    count: int


@dataclass(frozen=True, slots=True)
class AnswerDistribution:
    """How often each answer was given to one item in one group; ``counts`` maps value to n."""

    group: str
    item: str
    counts: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Correlations:
    """A correlation matrix with standard deviations, so that the covariances can be had again."""

    group: str
    n: int
    names: tuple[str, ...]
    means: tuple[float | None, ...]
    sds: tuple[float | None, ...]
    rows: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, slots=True)
class SetAside:
    """A group of the study that was not compared because somebody had set it aside, and why."""

    group: str
    label: str
    provenance: str
    because: str
