"""Every mistake that is found in a plan file, beside the mistakes of any file."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class PlanMistake(SentenceCode):
    """What can be wrong with a plan as a whole."""

    NO_BUNDLED_PLAN = "no_bundled_plan", _("no plan comes with %(study)s; name a plan file")
    UNKNOWN_CONSTRUCT = "unknown_construct", _("there is no construct %(given)r; %(advice)s")
    MISSING_SIGN = (
        "missing_sign",
        _("a sign from theory is expected before anybody is asked; use '+' or '-'"),
    )
    UNKNOWN_OPTION = "unknown_option", _("%(given)r is no option of this choice; %(advice)s")
    PLANNED_COMES_FIRST = (
        "planned_comes_first",
        _("the planned option comes first; begin with %(planned)r"),
    )
    ORDINAL_NEEDS_ITEMS = (
        "ordinal_needs_items",
        _("%(estimator)s needs single items as indicators, not mean scores; use 'items', or MLR"),
    )
