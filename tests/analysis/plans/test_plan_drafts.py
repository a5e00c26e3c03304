"""Plans that are written over days: kept as far as they are, told what is wrong, then frozen."""

from dataclasses import fields
from typing import get_args

import pytest
from factories import TESTER
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from analysis.errors import DraftError
from analysis.models import AnalysisPlan, PlanDraft
from analysis.plans.drafting.checking import Asked, check
from analysis.plans.drafting.services import (
    check_draft,
    freeze_draft,
    load_draft,
    save_draft,
)
from analysis.plans.drafts import (
    Alternatives,
    ConstructDraft,
    Draws,
    Exclusions,
    MeasurementDraft,
    PathDraft,
    PlanFacts,
    PlanFile,
    Varied,
)
from analysis.plans.files import bundled_plan, load_plan, parse_plan
from analysis.plans.paths.circles import circles
from analysis.plans.people import AdjustmentDraft, PeopleDraft, SubgroupsDraft
from analysis.plans.services import freeze_plan
from analysis.plans.writing import plan_values
from analysis.web.plans.parts import ESTIMATION, LISTS, NAME, TABLES
from surveys.instrument_files import InstrumentFileError, to_toml
from surveys.models import Action, AuditEntry

# --- One plan, however it is written

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and text
)
NAMES = st.from_regex(r"[A-Z][A-Za-z0-9_]{0,5}", fullmatch=True)
SLUGS = st.from_regex(r"[a-z]{1,6}(-[a-z0-9]{1,4})?", fullmatch=True)
COUNTS = st.integers(0, 5000)
KEYS = ("AAA", "BBB", "CCC")


def tuples(one, least=0, most=3):
    return st.lists(one, min_size=least, max_size=most, unique=True).map(tuple)


CONSTRUCTS = st.tuples(
    *(
        st.builds(
            ConstructDraft,
            key=st.just(key),
            label=WORDS,
            block=WORDS,
            indicators=st.sampled_from(["facets", "items", "mean"]),
            items=tuples(WORDS, least=2),
            equal_loadings=st.booleans(),
        )
        for key in KEYS
    )
)
# Of an earlier construct on a later one, so that no path leads back.
PATHS = st.lists(
    st.sampled_from([("AAA", "BBB"), ("AAA", "CCC"), ("BBB", "CCC")]).flatmap(
        lambda ends: st.builds(
            PathDraft,
            predictor=st.just(ends[0]),
            outcome=st.just(ends[1]),
            sign=st.sampled_from("+-"),
            source=st.sampled_from("TH"),
            family=WORDS,
            reference=st.one_of(st.just(""), WORDS),
            model=st.just("main"),
        )
    ),
    min_size=1,
    unique_by=lambda path: (path.predictor, path.outcome),
).map(tuple)
PLANS = st.builds(
    PlanFile,
    name=SLUGS,
    study=SLUGS,
    constructs=CONSTRUCTS,
    paths=PATHS,
    reference_group=st.one_of(st.just(""), WORDS),
    estimator=st.just("MLR"),
    missing=st.just("listwise"),
    exclusions=st.builds(Exclusions, COUNTS, COUNTS, st.floats(0, 1)),
    draws=st.builds(Draws, st.integers(0, 2**63 - 1), COUNTS, COUNTS, COUNTS),
    sensitivity=st.just((Alternatives("exclusions", ("planned", "nobody")),))
    | st.sampled_from(get_args(Varied)).map(lambda one: (Alternatives(one, ("all", "x")),)),
    covariates=tuples(WORDS),
    correlate_observed=st.booleans(),
    people=st.builds(PeopleDraft, st.booleans(), st.one_of(st.just(""), WORDS), WORDS),
    subgroups=st.builds(
        SubgroupsDraft, WORDS, tuples(st.floats(-9, 99)).map(lambda cuts: tuple(sorted(cuts)))
    ).map(lambda one: (one,)),
    adjustments=st.lists(PATHS.map(lambda paths: paths[0].outcome), max_size=0).map(tuple),
    facts=st.builds(PlanFacts, planned_n=WORDS, fit_criteria=st.just('CFI\nand "RMSEA"')),
)


@settings(max_examples=60, suppress_health_check=list(HealthCheck))
@given(PLANS)
def test_a_plan_written_as_toml_reads_back_as_the_same_plan(plan):
    assert parse_plan(to_toml(plan_values(plan))) == plan


def test_the_page_has_a_field_for_every_key_of_a_plan_file():
    tables = {
        "exclusions": Exclusions, "people": PeopleDraft, "measurement": MeasurementDraft,
        "draws": Draws, "facts": PlanFacts,
    }  # fmt: skip
    lists = {
        "constructs": ConstructDraft, "paths": PathDraft, "subgroups": SubgroupsDraft,
        "adjustments": AdjustmentDraft, "sensitivity": Alternatives,
    }  # fmt: skip
    typed = {NAME.key, *(part.key for part in ESTIMATION), *TABLES, *(one.key for one in LISTS)}
    assert typed | {"study"} == {part.name for part in fields(PlanFile)}
    parts = {**TABLES, **{one.key: one.parts for one in LISTS}}
    for key, kind in {**tables, **lists}.items():
        assert {part.key for part in parts[key]} == {part.name for part in fields(kind)}


@pytest.mark.parametrize(
    ("paths", "loops"),
    [
        ([("main", "A", "B"), ("main", "B", "C")], []),
        ([("main", "A", "B"), ("main", "B", "A")], [(1, ("B", "A", "B"))]),
        (
            [("main", "A", "B"), ("main", "B", "C"), ("main", "C", "A"), ("main", "C", "B")],
            [(2, ("C", "A", "B", "C")), (3, ("C", "B", "C"))],
        ),
        ([("one", "A", "B"), ("two", "B", "A")], []),
        ([("main", "A", "A")], []),
    ],
)
def test_each_circle_is_told_once_with_the_constructs_that_form_it(paths, loops):
    assert list(circles(paths)) == loops


# --- What is wrong, everything at once


def row(block, item, **more):
    return {
        "ref": f"{block}.{item}", "block": block, "construct": block, "facet": "", "text": item,
        "reverse_keyed": False, "minimum": 1, "maximum": 5, "kind": "choice", "scored": True,
        **more,
    }  # fmt: skip


ASKED = Asked("tea", [row("trust", f"t{n}") for n in "123"] + [row("act", f"a{n}") for n in "123"])
TRUST = {"key": "TRUST", "label": "Trust", "block": "trust", "indicators": "items"}
ACT = {"key": "ACT", "label": "Acting", "block": "act", "indicators": "items"}
PATH = {"predictor": "TRUST", "outcome": "ACT", "sign": "+", "source": "T", "family": "one"}
WHOLE = {"name": "main", "study": "tea", "constructs": [TRUST, ACT], "paths": [PATH]}


def wrong(**changes):
    found = check({**WHOLE, **changes}, ASKED)
    return [(one.where, one.code.value) for one in found.problems]


def test_a_plan_without_mistakes_is_what_is_carried_out():
    found = check(WHOLE, ASKED)
    assert found.problems == ()
    assert [one.key for one in found.carried_out.paths] == ["TRUST->ACT"]


def test_mistakes_of_every_kind_are_told_at_once_each_with_its_place():
    assert wrong(
        constructs=[TRUST, {**ACT, "block": "acts"}, {"key": "NEW"}],
        paths=[PATH, {**PATH, "predictor": "TRUTS"}, {"predictor": "ACT", "outcome": "TRUST"}],
        exclusions={"straight_lining": 3},
    ) == [
        ("constructs[NEW].label", "missing_key"),
        ("constructs[NEW].block", "missing_key"),
        ("constructs[NEW].indicators", "missing_key"),
        ("paths[ACT].sign", "missing_key"),
        ("paths[ACT].source", "missing_key"),
        ("paths[ACT].family", "missing_key"),
        ("exclusions.straight_lining", "too_large"),
        ("paths[ACT].outcome", "path_loop"),
        ("paths[TRUTS].predictor", "unknown_construct"),
        ("constructs[ACT].block", "unknown_block"),
    ]


def test_a_path_to_itself_and_a_circle_are_refused_by_name():
    back = {**PATH, "predictor": "ACT", "outcome": "TRUST"}
    itself = {**PATH, "outcome": "TRUST"}
    found = check({**WHOLE, "paths": [PATH, back, itself]}, ASKED)
    assert [(one.where, one.message) for one in found.problems] == [
        ("paths[3].outcome",
         "the path leads from 'TRUST' to itself; name another predictor or outcome"),
        ("paths[ACT].outcome",
         "the paths lead in a circle, ACT → TRUST → ACT; take one of them out"),
    ]  # fmt: skip


def test_a_circle_of_paths_that_are_not_whole_is_told_too():
    paths = [PATH, {"predictor": "ACT", "outcome": "TRUST"}, {"predictor": "NEW"}]
    assert ("paths[ACT].outcome", "path_loop") in wrong(paths=paths)


def test_a_mistake_beside_rows_that_cannot_be_read_stands_at_its_own_row():
    astray = {**PATH, "outcome": "ACTS"}
    assert wrong(paths=[{"predictor": "TRUST"}, astray, PATH]) == [
        ("paths[1].outcome", "missing_key"),
        ("paths[1].sign", "missing_key"),
        ("paths[1].source", "missing_key"),
        ("paths[1].family", "missing_key"),
        ("paths[2].outcome", "unknown_construct"),
    ]


def test_rows_of_one_name_are_told_apart_by_their_numbers():
    other = {key: value for key, value in PATH.items() if key != "sign"}
    assert wrong(paths=[PATH, {**other, "family": "two"}]) == [
        ("paths[2].sign", "missing_key"),
    ]


def test_a_composite_is_one_mean_score_of_all_items():
    found = check({**WHOLE, "constructs": [TRUST, {**ACT, "indicators": "mean"}]}, ASKED)
    act = found.carried_out.construct("ACT")
    assert not act.is_latent
    assert act.indicators[0].items == ("act_a1", "act_a2", "act_a3")


def test_a_composite_whose_column_is_called_like_an_item_is_refused():
    asked = Asked("tea", [*ASKED.codebook, row("act", "mean_ACT")])
    constructs = [TRUST, {**ACT, "indicators": "mean"}]
    (problem,) = check({**WHOLE, "constructs": constructs}, asked).problems
    assert (problem.where, problem.code.value) == ("constructs[ACT].key", "named_like_column")


def test_several_groups_of_people_ask_whom_models_are_compared_with():
    asked = Asked("tea", ASKED.codebook, (), ("people", "simulated-people"))
    (problem,) = check(WHOLE, asked).problems
    assert (problem.where, problem.code.value) == ("reference_group", "several_groups")
    assert check({**WHOLE, "reference_group": "people"}, asked).problems == ()


@pytest.mark.parametrize(
    "values",
    [
        {"name": "main", "constructs": 3},
        {"name": "main", "paths": [3]},
        {"name": "main", "colour": "red"},
        {"name": "main", "estimator": "OLS"},
        {"name": "Main plan"},
        {"name": "main", "study": "coffee"},
        {"constructs": [TRUST]},
    ],
)
def test_what_cannot_be_a_draft_is_refused(values):
    assert check(values, ASKED).refused


@settings(max_examples=100)
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from([*WHOLE, *TRUST, *PATH, "exclusions", "subgroups", "by", "facts"]),
                inner,
                max_size=4,
            )
        ),
    )
)
def test_whatever_is_sent_is_read_or_told_wrong(sent):
    values = sent if isinstance(sent, dict) else {"constructs": sent, "paths": sent}
    found = check(values, ASKED)
    assert found.problems or found.carried_out


# --- Kept, and frozen


@pytest.fixture
def values(draft_study):
    plan = load_plan(bundled_plan("privacy-prosocial"))
    return plan_values(plan)


@pytest.fixture
def draft(draft_study, values):
    return save_draft(study=draft_study, values=values, by=TESTER)


def test_a_sitting_is_one_row_of_the_log(draft_study, owner, draft):
    for label in ("Concern", "Privacy", "Worry"):
        constructs = [{**draft.content["constructs"][0], "label": label}]
        draft = save_draft(
            study=draft_study,
            values={**draft.content, "constructs": constructs},
            draft=draft,
            by=TESTER,
        )
    assert draft.revision == 4
    assert AuditEntry.objects.filter(action=Action.PLAN_DRAFT_SAVED).count() == 1


def test_the_same_again_changes_nothing(draft_study, draft, values):
    again = save_draft(study=draft_study, values=values, draft=draft, by=TESTER)
    assert (again.pk, again.revision) == (draft.pk, 1)


def test_nobody_writes_over_what_they_have_not_read(draft_study, draft, values):
    save_draft(
        study=draft_study, values={**values, "missing": "ml"}, draft=draft, revision=1, by=TESTER
    )
    with pytest.raises(DraftError) as told:
        save_draft(
            study=draft_study, values={**values, "estimator": "MLR"}, draft=draft, revision=1,
            by=TESTER,
        )  # fmt: skip
    assert told.value.code == "plan_draft_changed"
    assert PlanDraft.objects.get().content["missing"] == "ml"


def test_two_drafts_of_a_study_have_two_names(draft_study, draft, values):
    with pytest.raises(DraftError) as told:
        save_draft(study=draft_study, values=values, by=TESTER)
    assert told.value.code == "plan_draft_exists"
    assert load_draft(study=draft_study, values=values, by=TESTER).pk == draft.pk


def test_freezing_a_draft_gives_the_hash_of_its_file(draft_study, draft):
    frozen = freeze_draft(draft=draft, by=TESTER)
    assert parse_plan(frozen.source) == load_plan(bundled_plan("privacy-prosocial"))
    assert not PlanDraft.objects.exists()
    of_file = freeze_plan(
        study=draft_study, plan=load_plan(bundled_plan("privacy-prosocial")), by=TESTER
    )
    assert (of_file.pk, of_file.sha256) == (frozen.pk, frozen.sha256)


def test_a_draft_with_mistakes_is_not_frozen_and_every_mistake_is_told(draft_study, draft, values):
    content = {**values, "paths": [{**values["paths"][0], "outcome": "PRV"}]}
    draft = save_draft(study=draft_study, values=content, draft=draft, by=TESTER)
    with pytest.raises(InstrumentFileError) as told:
        freeze_draft(draft=draft, by=TESTER)
    assert [one.code.value for one in told.value.problems] == ["self_path"]
    assert not AnalysisPlan.objects.exists()


def test_a_name_that_is_frozen_with_other_content_is_told_before_freezing(
    draft_study, draft, values
):
    freeze_draft(draft=draft, by=TESTER)
    same = save_draft(study=draft_study, values=values, by=TESTER)
    assert check_draft(same).problems == ()
    other = save_draft(study=draft_study, values={**values, "missing": "ml"}, draft=same, by=TESTER)
    assert [one.code.value for one in check_draft(other).problems] == ["name_is_frozen"]
