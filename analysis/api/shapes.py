"""What plans and runs are told as over REST, beside their serializers."""

from datetime import datetime
from typing import Any

from pydantic import with_config
from typing_extensions import TypedDict

from analysis.compare.beside import Estimate
from analysis.compare.results import Comparison
from analysis.compare.sensitivity import SensitivityRow
from analysis.runs.agreement import AgreementRow, Sizes
from analysis.runs.descriptions import DataDescription


@with_config(extra="allow")
class PlanTables(TypedDict, total=False):
    """A plan as the tables of its file (docs/guide.md); a draft may lack parts of it."""

    name: str
    study: str
    constructs: list[dict[str, Any]]
    paths: list[dict[str, Any]]


class RunFound(TypedDict, total=False):
    """Everything that a run found; empty while it is not done."""

    comparison: Comparison
    description: DataDescription
    sensitivity: list[SensitivityRow]


class PathRow(TypedDict):
    """A path in a group: standardised with its interval, and as estimated."""

    std: float | None
    ci_lower: float | None
    ci_upper: float | None
    est: float | None
    se: float | None
    rung: str
    reason: str | None
    said: str


class SummaryRow(TypedDict):
    """A group with its paths; VAAR and what it is read beside are of models only."""

    group: str
    label: str
    kind: str
    simulated: bool
    imported: bool
    rows: int
    n: int
    paths: dict[str, PathRow]
    vaar: dict[str, float | int | None] | None
    beside: list[AgreementRow]
    sizes: Sizes | None


class SetAside(TypedDict):
    """Since when a run is out of sight; null while it is not."""

    archived_at: datetime | None


class ChangeRow(TypedDict):
    """A circumstance that is another in the second run."""

    what: str
    first: str
    second: str


class PairRow(TypedDict):
    """A number of one group in both runs; null where a run does not have it.

    `apart`: only one was estimated, or neither interval holds the other.
    """

    group: str
    label: str
    what: str
    first: Estimate | None
    second: Estimate | None
    difference: float | None
    apart: bool


class TwoRuns(TypedDict):
    """Two runs side by side."""

    runs: list[int]
    changes: list[ChangeRow]
    paths: list[PairRow]
    scores: list[PairRow]
