"""What a study varies and who is shown what, as the sections of its file. Pure."""

from surveys.instrument_files.flows.fit import flow_problems
from surveys.instrument_files.flows.quotas import (
    MOST_QUOTAS,
    QuotaDraft,
    QuotaPlan,
    crossed,
    option_cells,
    quota_problems,
    range_cells,
    read_quotas,
)
from surveys.instrument_files.flows.sections import (
    factors_of,
    flow_contradictions,
    flow_of,
    flow_values,
    levels_in_wave,
    read_flow,
    shares_of,
    stored_flow,
)

__all__ = [
    "MOST_QUOTAS",
    "QuotaDraft",
    "QuotaPlan",
    "crossed",
    "factors_of",
    "flow_contradictions",
    "flow_of",
    "flow_problems",
    "flow_values",
    "levels_in_wave",
    "option_cells",
    "quota_problems",
    "range_cells",
    "read_flow",
    "read_quotas",
    "shares_of",
    "stored_flow",
]
