"""What a study varies and who is shown what, as the sections of its file. Pure."""

from surveys.instrument_files.flows.fit import flow_problems
from surveys.instrument_files.flows.sections import (
    factors_of,
    flow_contradictions,
    flow_of,
    flow_values,
    read_flow,
    shares_of,
    stored_flow,
)

__all__ = [
    "factors_of",
    "flow_contradictions",
    "flow_of",
    "flow_problems",
    "flow_values",
    "read_flow",
    "shares_of",
    "stored_flow",
]
