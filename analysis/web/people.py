"""How people were sampled and divided, as the page of a run shows it."""

from typing import Any

from django.utils.translation import gettext as _

from analysis.compare.results import Comparison


def people_design_rows(comparison: Comparison) -> dict[str, Any]:
    """What the page shows: sampling, a row for each model and subgroup, and the parity gaps."""
    labels = {group.key: group.label for group in comparison.groups}
    words = {"direction": _("in direction"), "size": _("in size")}
    named: dict[tuple[str, str, str], dict[str, Any]] = {}
    for row in comparison.subgroups:
        shown = {
            "label": labels[row.group],
            "by": row.by,
            "subgroup": row.subgroup,
            "n": row.n,
            "found": [],
        }
        named.setdefault((row.group, row.by, row.subgroup), shown)["found"].append(row)
    return {
        "sampling": comparison.sampling,
        "subgroups": list(named.values()),
        "parity": [
            {"label": labels[gap.group], "gap": gap, "measure": words[gap.measure]}
            for gap in comparison.parity
        ],
    }
