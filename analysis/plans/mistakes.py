"""Every mistake that is found in a plan file, beside the mistakes of any file."""

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class PlanMistake(SentenceCode):
    """What can be wrong with a plan as a whole."""

    NO_BUNDLED_PLAN = "no_bundled_plan", _("no plan comes with %(study)s; name a plan file")
    UNKNOWN_CONSTRUCT = "unknown_construct", _("there is no construct %(given)r; %(advice)s")
    SELF_PATH = (
        "self_path",
        _("the path leads from %(given)r to itself; name another predictor or outcome"),
    )
    PATH_LOOP = (
        "path_loop",
        _("the paths lead in a circle, %(loop)s; take one of them out"),
    )
    WAVE_MISSING = (
        "wave_missing",
        _("%(given)r names no wave, and other paths do; say which, such as %(given)s@1"),
    )
    BACK_IN_TIME = (
        "back_in_time",
        _(
            "the path leads from %(predictor)s to %(outcome)s, which was asked before; turn it "
            "round"
        ),
    )
    OTHER_STUDY = (
        "other_study",
        _("this is a plan of the study %(given)r; write %(study)r, or load it there"),
    )
    SEVERAL_GROUPS = (
        "several_groups",
        _("there are several groups of people (%(groups)s); say whom models are compared with"),
    )
    NAME_IS_FROZEN = (
        "name_is_frozen",
        _("a plan %(given)r is frozen already with other content; give this one another name"),
    )
    NAMED_LIKE_COLUMN = (
        "named_like_column",
        _("a latent variable cannot be called %(given)r, which is a column of the data; rename it"),
    )
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
    ORDINAL_NEEDS_ANSWERS = (
        "ordinal_needs_answers",
        _(
            "%(estimator)s takes answers as categories, and means of distributions are none; use "
            'MLR, or stated_distributions = "drawn"'
        ),
    )
    NOT_SCORED = (
        "not_scored",
        _("answers to %(item)s (%(kind)s) are no numbers; name items that are scored"),
    )
    WEIGHTS_NEED_LIKELIHOOD = (
        "weights_need_likelihood",
        _(
            "%(estimator)s has no robust standard errors for sampling weights; use MLR or WLSMV, "
            "or leave people unweighted"
        ),
    )
    CLUSTERS_NEED_SANDWICH = (
        "clusters_need_sandwich",
        _("%(estimator)s takes every person for independent; use WLSMV or MLR with clusters"),
    )
    MEASURED_BY_LIKELIHOOD = (
        "measured_by_likelihood",
        _("%(estimator)s does not tell this; leave it out, or use MLR"),
    )
    UNKNOWN_DEMOGRAPHIC = (
        "unknown_demographic",
        _("the study asks nobody %(given)r; %(advice)s"),
    )
    UNKNOWN_PATH = "unknown_path", _("there is no path %(given)r; %(advice)s")
    NO_OUTCOME = "no_outcome", _("no path leads to %(given)r; %(advice)s")
    CUTS_ASCEND = "cuts_ascend", _("cuts rise; write them in ascending order")
    CUTS_MISSING = (
        "cuts_missing",
        _("%(question)s is a number; say with `cuts` where one subgroup ends, as in [30, 50]"),
    )
    CUTS_OF_CHOICE = (
        "cuts_of_choice",
        _("%(question)s is a choice, and its options are the subgroups; leave `cuts` out"),
    )
    REFERENCE_MISSING = (
        "reference_missing",
        _("%(question)s is a choice; name the option that the others are compared with: %(known)s"),
    )
    REFERENCE_OF_NUMBER = (
        "reference_of_number",
        _("%(question)s is a number, which has no reference; leave `reference` out"),
    )
