"""How the attitude-to-action models of people and language models compare.

Pure: NumPy and SciPy, no Django. ``plan`` says what is compared, ``types`` what comes out. SciPy is
loaded by the first call, not by this import.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from analysis.compare.plan import GroupSpec, Plan
from analysis.compare.results import Comparison, Resampling

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from analysis.compare.data.samples import Columns
    from analysis.compare.parallel import Work

__all__ = ["compare"]


def compare(
    data: "Columns",
    plan: Plan,
    *,
    group: "str | ArrayLike",
    groups: Sequence[GroupSpec] = (),
    cluster: Sequence[str] = (),
    conditions: Sequence[str] = (),
    resampling: Resampling | None = None,
    work: "Work | None" = None,
    given: "Columns | None" = None,
) -> Comparison:
    """Compare every model with the people: see ``analysis.compare.comparison.compare``."""
    from analysis.compare.comparison import compare as carry_out

    return carry_out(
        data,
        plan,
        group=group,
        groups=groups,
        cluster=cluster,
        conditions=conditions,
        resampling=resampling,
        work=work,
        given=given,
    )
