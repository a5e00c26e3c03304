"""Plan files: what a researcher writes is read whole, or said to be wrong where it is wrong."""

from dataclasses import replace
from typing import get_args

import pytest
from django.utils.translation import gettext, override

from analysis.compare.plan import Measurement, SignSource, Subgroups
from analysis.plans.files import (
    Estimator,
    Missing,
    bundled_plan,
    item_name,
    load_plan,
    parse_plan,
    resolve,
)
from analysis.sem.model import options
from surveys.instrument_files import InstrumentFileError

PLAN = """
name = "main"
study = "trust"
[[constructs]]
key = "ATT"
label = "Attitude"
block = "attitude"
indicators = "facets"
[[constructs]]
key = "ACT"
label = "Action"
block = "action"
indicators = "items"
items = ["a1", "a3"]
[[paths]]
predictor = "ATT"
outcome = "ACT"
sign = "-"
source = "T"
family = "attitude to action"
"""


def row(block, item, facet="", *, reverse=False):
    return {
        "ref": f"{block}.{item}",
        "block": block,
        "construct": block,
        "facet": facet,
        "reverse_keyed": reverse,
        "minimum": 1,
        "maximum": 7,
        "text": item,
        "kind": "choice",
        "scored": True,
    }


CODEBOOK = [
    row("attitude", "c1", "control"),
    row("attitude", "c2", "control", reverse=True),
    row("attitude", "w1", "awareness"),
    row("action", "a1"),
    row("action", "a2"),
    row("action", "a3"),
]


def resolved(text=PLAN):
    return resolve(parse_plan(text), codebook=CODEBOOK, reference_group="people")


def test_facets_become_indicators_that_average_their_items():
    attitude = resolved().construct("ATT")
    assert [(one.facet, one.items) for one in attitude.indicators] == [
        ("control", ("attitude_c1", "attitude_c2")),
        ("awareness", ("attitude_w1",)),
    ]


def test_named_items_become_indicators_of_their_own_in_the_order_given():
    assert resolved().construct("ACT").items == ("action_a1", "action_a3")


def test_items_keep_their_range_and_keying_and_unused_ones_are_left_out():
    plan = resolved()
    assert plan.item("attitude_c2").reverse_keyed
    assert (plan.item("action_a1").minimum, plan.item("action_a1").maximum) == (1, 7)
    assert "action_a2" not in {item.name for item in plan.items}


def test_covariates_are_items_of_the_study_and_no_paths():
    plan = resolved('covariates = ["action.a2"]\ncorrelate_observed = false\n' + PLAN)
    assert plan.covariates == ("action_a2",)
    assert not plan.correlate_observed
    assert [path.key for path in plan.paths] == ["ATT->ACT"]


QUESTIONS = [
    {"key": "age", "kind": "integer", "options": [], "minimum": 18, "maximum": 110},
    {"key": "sex", "kind": "choice", "options": [{"value": "f"}, {"value": "m"}, {"value": "x"}]},
]
SAMPLED = """
[people]
weights = true
clusters = "cluster"
strata = "age"
[[subgroups]]
by = "age"
cuts = [30, 50.5]
moderates = ["ATT->ACT"]
[[adjustments]]
by = "sex"
outcomes = ["ACT"]
reference = "f"
"""


VARIED = 'sensitivity = [{ choice = "estimator", options = ["MLR", "DWLS"] }]'


def sampled(text):
    plan = parse_plan(text)
    return resolve(plan, codebook=CODEBOOK, reference_group="people", demographics=QUESTIONS).people


def test_a_plan_says_how_people_were_sampled_divided_and_adjusted_for():
    people = sampled('estimator = "MLR"\n' + PLAN + SAMPLED)
    assert (people.weight, people.cluster, people.stratum) == ("weight", "cluster", "age")
    assert people.subgroups == (Subgroups("age", (30.0, 50.5), ("ATT->ACT",)),)
    assert people.adjusted == ("about_sex_m", "about_sex_x")
    assert people.beside("ACT") == people.adjusted


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ('strata = "age"', 'strata = "region"', "people.strata", "unknown_demographic"),
        ('by = "age"', 'by = "agee"', "subgroups[agee].by", "unknown_demographic"),
        ("cuts = [30, 50.5]", "", "subgroups[age].cuts", "cuts_missing"),
        ("cuts = [30, 50.5]", "cuts = [50, 30]", "subgroups[age].cuts", "cuts_ascend"),
        ("cuts = [30, 50.5]", 'cuts = ["30"]', "subgroups[age].cuts[1]", "wrong_type"),
        ('by = "age"', 'by = "sex"', "subgroups[sex].cuts", "cuts_of_choice"),
        ('["ATT->ACT"]', '["ACT->ATT"]', "subgroups[age].moderates", "unknown_path"),
        ('outcomes = ["ACT"]', 'outcomes = ["ATT"]', "adjustments[sex].outcomes", "no_outcome"),
        ('reference = "f"', "", "adjustments[sex].reference", "reference_missing"),
        ('by = "sex"', 'by = "age"', "adjustments[age].reference", "reference_of_number"),
        ("weights = true", 'weights = "w"', "people.weights", "wrong_type"),
        ('estimator = "MLR"', 'estimator = "MLM"', "estimator", "weights_need_likelihood"),
        ('estimator = "MLR"', f'estimator = "MLR"\n{VARIED}', "sensitivity[estimator].options",
         "weights_need_likelihood"),
    ],
)  # fmt: skip
def test_a_plan_that_cannot_count_its_people_is_refused_before_it_is_frozen(old, new, where, code):
    text = 'estimator = "MLR"\n' + PLAN + SAMPLED
    assert text.count(old) == 1
    with pytest.raises(InstrumentFileError) as refused:
        sampled(text.replace(old, new))
    assert (where, code) in [(one.where, one.code) for one in refused.value.problems]


def test_a_plan_of_ordered_items_may_weight_its_people():
    text = 'estimator = "WLSMV"\n' + (PLAN + SAMPLED).replace('"facets"', '"items"')
    assert sampled(text).weight == "weight"


def test_a_covariate_that_the_study_does_not_ask_is_named():
    with pytest.raises(InstrumentFileError, match=r"covariates: there is no item 'action\.b9'"):
        resolved('covariates = ["action.b9"]\n' + PLAN)


def test_a_sign_is_a_plus_a_minus_or_the_peoples_own():
    assert resolved().paths[0].expected_sign == -1
    human = PLAN.replace('sign = "-"\nsource = "T"', 'sign = "human"\nsource = "H"')
    path = resolved(human).paths[0]
    assert (path.expected_sign, path.source) == (0, SignSource.HUMAN)


def test_every_problem_of_a_plan_is_named_at_once():
    broken = PLAN.replace('sign = "-"', 'sign = "down"').replace('label = "Action"', 'lable = "x"')
    with pytest.raises(InstrumentFileError) as caught:
        parse_plan(broken, file="mine.toml")
    said = str(caught.value)
    assert "sign" in said
    assert "'down' is unknown here" in said
    assert "did you mean 'label'?" in said


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        ('"a3"', '"a9"', "action.a9"),
        ('block = "attitude"', 'block = "mood"', "mood"),
    ],
)
def test_an_item_or_block_that_the_study_lacks_is_named(old, new, named):
    with pytest.raises(InstrumentFileError, match=named):
        resolved(PLAN.replace(old, new))


ABOUT_AGE = '[[adjustments]]\nby = "age"\noutcomes = ["ACT"]\n'


def named_like_column(error, name):
    (found,) = error.problems
    assert (found.where, found.code) == (f"constructs[{name}].key", "named_like_column")
    assert repr(name) in found.message


def test_a_latent_variable_called_like_an_item_of_the_plan_is_refused_when_it_is_read():
    with pytest.raises(InstrumentFileError) as refused:
        parse_plan(PLAN.replace('"ACT"', '"action_a1"'))
    named_like_column(refused.value, "action_a1")


@pytest.mark.parametrize("name", ["action_a2", "attitude_control", "about_age"])
def test_a_latent_variable_called_like_another_column_is_refused_beside_the_study(name):
    plan = parse_plan((PLAN + ABOUT_AGE).replace('"ACT"', f'"{name}"'))
    with pytest.raises(InstrumentFileError) as refused:
        resolve(plan, codebook=CODEBOOK, reference_group="people", demographics=QUESTIONS)
    named_like_column(refused.value, name)


def test_a_construct_of_one_item_may_have_its_name():
    plan = resolved(PLAN.replace('["a1", "a3"]', '["a1"]').replace('"ACT"', '"action_a1"'))
    assert plan.construct("action_a1").items == ("action_a1",)


def test_the_bundled_plan_is_valid_and_expects_opposite_signs():
    plan = load_plan(bundled_plan("privacy-prosocial"))
    assert [path.spec.expected_sign for path in plan.paths] == [-1, 1]


def test_a_study_without_a_bundled_plan_says_so():
    with pytest.raises(InstrumentFileError) as caught:
        bundled_plan("nothing")
    assert caught.value.code == "no_bundled_plan"


def test_the_reference_group_of_the_file_wins_over_the_studys():
    plan = replace(parse_plan(PLAN), reference_group="panel-2024")
    assert (
        resolve(plan, codebook=CODEBOOK, reference_group="people").reference_group == "panel-2024"
    )


def test_item_names_are_fit_for_model_syntax():
    assert item_name("data-sharing.s1") == "data_sharing_s1"


def test_facets_may_be_modelled_apart_with_paths_of_their_own():
    apart = PLAN.replace(
        'family = "attitude to action"',
        'family = "attitude to action"\nmodel = "by-facet"\nfacet = "control"\nscenario = "clinic"',
    )
    (path,) = resolved(apart).paths
    assert (path.model, path.facet, path.scenario) == ("by-facet", "control", "clinic")
    assert path.key == "by-facet:ATT->ACT"


def test_a_plan_may_name_every_estimator_and_treatment_that_there_is_and_no_other():
    assert get_args(Estimator) == options._ESTIMATORS
    assert set(get_args(Missing)) == set(options._MISSING)


@pytest.mark.parametrize(
    ("old", "new", "where", "code", "nearest"),
    [
        ('estimator = "ML"', 'estimator = "WLSM"', "estimator", "unknown_choice", "'WLSMV'"),
        ('missing = "listwise"', 'missing = "listwse"', "missing", "unknown_choice", "'listwise'"),
        ('missing = "listwise"', "missing = 3", "missing", "wrong_type", ""),
        ('outcome = "SHR"', 'outcome = "SHA"', "paths[PRV].outcome", "unknown_construct", "'SHR'"),
        ('sign = "-"', 'sign = "human"', "paths[PRV].sign", "missing_sign", ""),
        ('key = "PRO"', 'key = "PRV"', "constructs[PRV]", "duplicate_key", ""),
        ('key = "PRO"', 'key = "P R"', "constructs[P R].key", "malformed_name", ""),
        ('indicators = "facets"', 'item = ["a"]', "constructs[PRV].item", "unknown_key", "'items'"),
        ('indicators = "facets"', 'indicators = "items"\nitems = 5', "constructs[PRV].items",
         "wrong_type", ""),
        ('indicators = "facets"', 'indicators = "items"\nitems = "abc"', "constructs[PRV].items",
         "wrong_type", ""),
        ("seed = 20260103", "seed = 1.5", "draws.seed", "wrong_type", ""),
        ("seed = 20260103", "seed = -1", "draws.seed", "too_small", ""),
        ("bootstrap = 1000", "bootstraps = 1000", "draws.bootstraps", "unknown_key",
         "'bootstrap'"),
        ('options = ["ML", "MLR"]', 'options = ["MLR", "ML"]', "sensitivity[estimator].options",
         "planned_comes_first", "'ML'"),
        ('options = ["ML", "MLR"]', 'options = ["ML", "MLRR"]', "sensitivity[estimator].options",
         "unknown_option", "'MLR'"),
        ('choice = "exclusions"', 'choice = "exclusion"', "sensitivity[exclusion].choice",
         "unknown_choice", "'exclusions'"),
        ("attention_checks_failed = 2", "straight_lining = 1.5", "exclusions.straight_lining",
         "too_large", ""),
        ("attention_checks_failed = 2", 'attention_checks_failed = "two"',
         "exclusions.attention_checks_failed", "wrong_type", ""),
    ],
)  # fmt: skip
def test_a_mistake_in_a_plan_is_named_by_its_place_and_code_with_the_nearest(
    old, new, where, code, nearest
):
    text = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(InstrumentFileError) as refused:
        parse_plan(text.replace(old, new, 1))
    (found,) = [one for one in refused.value.problems if one.where == where]
    assert found.code == code
    assert nearest in found.message


def test_all_mistakes_of_form_are_told_at_once_and_in_german():
    text = bundled_plan("privacy-prosocial").read_text(encoding="utf-8")
    for old, new in (
        ('estimator = "ML"', 'estimator = "MLRR"'),
        ('sign = "-"', 'sing = "-"'),
        ("bootstrap = 1000", 'bootstrap = "many"'),
    ):
        text = text.replace(old, new, 1)
    with pytest.raises(InstrumentFileError) as refused:
        parse_plan(text, file="mine.toml")
    assert [(one.where, one.code) for one in refused.value.problems] == [
        ("estimator", "unknown_choice"),
        ("paths[PRV].sing", "unknown_key"),
        ("paths[PRV].sign", "missing_key"),
        ("draws.bootstrap", "wrong_type"),
    ]
    with override("de"):
        assert [one.said(gettext) for one in refused.value.problems] == [
            "'MLRR' ist hier unbekannt; ist 'MLR' gemeint?",
            "diesen Schlüssel gibt es nicht; ist 'sign' gemeint?",
            "das fehlt; geben Sie Text in Anführungszeichen an",
            "hier muss eine ganze Zahl stehen, nicht 'many'",
        ]


MEASURED = """
[measurement]
latent_means = true
alignment = "free"
equivalence_bound = 0.2
"""


def measured(text):
    return resolve(parse_plan(text), codebook=CODEBOOK, reference_group="people")


def test_a_plan_says_what_is_told_of_factors_and_items():
    plan = measured(PLAN + MEASURED)
    assert plan.measurement == Measurement(latent_means=True, alignment="free")
    assert plan.equivalence_bound == 0.2
    silent = measured(PLAN)
    assert (silent.measurement, silent.equivalence_bound) == (Measurement(), 0.1)


@pytest.mark.parametrize(
    ("old", "new", "where", "code"),
    [
        ("latent_means", "latent_mean", "measurement.latent_mean", "unknown_key"),
        ('"free"', '"partial"', "measurement.alignment", "unknown_choice"),
        ("0.2", "0", "measurement.equivalence_bound", "too_small"),
        ("latent_means = true", "fit_sizes = true", "measurement.fit_sizes",
         "measured_by_likelihood"),
    ],
)  # fmt: skip
def test_what_cannot_be_told_of_factors_is_refused_with_its_place(old, new, where, code):
    text = 'estimator = "WLSMV"\n' + PLAN + MEASURED.replace(old, new)
    with pytest.raises(InstrumentFileError) as refused:
        measured(text)
    assert (where, code) in [(one.where, one.code) for one in refused.value.problems]
