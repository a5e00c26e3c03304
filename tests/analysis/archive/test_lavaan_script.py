"""The R script says in lavaan's words what was fitted."""

from analysis.archive.content import RunFacts
from analysis.archive.files.fits import Refit
from analysis.archive.files.lavaan_script import lavaan_script, lavaan_syntax
from analysis.compare.plan import (
    Construct,
    Indicator,
    ItemSpec,
    PathSpec,
    Plan,
    Rung,
    SignSource,
)
from analysis.compare.results import FitSummary

RUN = RunFacts(
    id="main-abc",
    study="trust",
    plan="main",
    plan_sha256="",
    plan_frozen_at="",
    model_answers_when_frozen=0,
    data_sha256="",
    seed=1,
    started_at="",
    finished_at="",
    software={},
    exclusions={},
)

PLAN = Plan(
    constructs=tuple(Construct(key, key, (Indicator(key, (key,)),)) for key in ("x", "g")),
    paths=(PathSpec("g", "x", 1, SignSource.THEORY, "one"),),
    items=(ItemSpec("x", 1, 5), ItemSpec("g", 1, 5)),
    reference_group="people",
)


def refit(groups=("people",), *, repeating=(), converged=True, estimator="ML", missing="listwise"):
    summary = FitSummary(
        model="main",
        label="own",
        groups=groups,
        rung=Rung.FULL,
        syntax="f =~ x + y\n\ng ~ f",
        group_equal=("loadings",),
        group_partial=(),
        estimator=estimator,
        missing=missing,
        nobs=(10,),
        npar=3,
        converged=converged,
        admissible=True,
        indices={},
        r2={},
    )
    return Refit("one", summary, ("x", "y", "g"), repeating)


def test_a_term_that_is_freed_and_labelled_is_written_twice():
    """lavaan drops one of two modifiers before a variable without a word."""
    assert lavaan_syntax("f =~ NA*l_x*x + l_y*y") == "f =~ NA*x + l_x*x + l_y*y"
    assert lavaan_syntax("f =~ 1*x\ny ~ NA*1") == "f =~ 1*x\ny ~ NA*1"


def test_a_fit_is_written_with_everything_that_decides_its_numbers():
    script = lavaan_script(RUN, PLAN, [refit()])
    for line in (
        'groups = c("people")',
        'columns = c("x", "y", "g")',
        'estimator = "ML"',
        'ordered = c("")',
        'people <- "people"',
        'missing = "listwise"',
        'information = "expected"',
        'group_equal = c("loadings")',
        'group_partial = c("")',
        'clusters = "none"',
        "      f =~ x + y",
    ):
        assert line in script
    assert "@" not in script.split("refit <- ", maxsplit=1)[0]


def test_clusters_are_used_where_lavaan_can_use_them():
    both = ("people", "panel")
    assert 'clusters = "all"' in lavaan_script(RUN, PLAN, [refit(("panel",), repeating=("panel",))])
    assert 'clusters = "some"' in lavaan_script(RUN, PLAN, [refit(both, repeating=("panel",))])
    ordered = refit(("panel",), repeating=("panel",), estimator="WLSMV")
    assert 'clusters = "some"' in lavaan_script(RUN, PLAN, [ordered])


def test_full_information_and_mlr_take_the_observed_information():
    assert refit(missing="fiml").information == "observed"
    assert refit(estimator="MLR").information == "observed"


def test_what_did_not_converge_is_not_refitted():
    assert 'fit = "one"' not in lavaan_script(RUN, PLAN, [refit(converged=False)])
