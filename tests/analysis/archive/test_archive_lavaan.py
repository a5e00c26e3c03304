"""R and lavaan, given the archive and nothing else, find what the run found."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from pytest_django.plugin import DjangoDbBlocker

from analysis.plans.files import Draws, Exclusions, bundled_plan, load_plan
from surveys.models import Administration, Study
from surveys.paradata.visits import Visit
from tests.analysis.archives import PROMPTS, add_group, make_run, reproduced, table
from tests.analysis.rolled_back import make_open_study, rolled_back

ITEMS = {
    "PRV": ("control_1", "control_2", "awareness_1", "collection_1"),
    "PRO": ("helping_1", "giving_1", "caring_1", "empathy_1"),
    "SHR": ("health_university", "travel_authority", "energy_company", "shopping_university"),
}

pytestmark = [pytest.mark.lavaan, pytest.mark.django_db]


@pytest.fixture(scope="module")
def study(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Study]:
    """People, a panel that answers one item always alike, one whose sessions repeat."""
    with rolled_back(django_db_blocker):
        study = make_open_study()
        add_group(study, "people", "human", profile="people", n=150, seed=1)
        add_group(
            study,
            "one-constant-item",
            "llm",
            profile="people-like",
            n=150,
            seed=1000,
            constant=["privacy.control_2"],
            method=PROMPTS,
        )
        add_group(study, "repeating", "llm", profile="reversed", n=150, seed=2000, orders=50)
        # Of three people a page was too fast, of one a hidden field was filled in.
        for number, one in enumerate(people_of(study)[:4]):
            visit = Visit(1, 900 if number < 3 else 60_000, 6, traps=("field",) * (number == 3))
            kept = {"page": 1, "elapsed_ms": visit.elapsed_ms, "answers": 6}
            one.submissions.update(**kept, paradata=visit.as_json())
        # One browser did no proof of work, and one did.
        for one, work in zip(people_of(study)[4:6], ("absent", "done"), strict=True):
            consent = Visit(0, work=work).as_json()
            one.submissions.create(idempotency_key="consent", page=0, paradata=consent)
        yield study


def people_of(study: Study) -> list[Administration]:
    return list(study.administrations.filter(respondent__kind="human").order_by("pk"))


def compared_with_r(files: dict[str, bytes]) -> dict[str, int]:
    """Of how many rows R compared each column."""
    found: dict[str, int] = {}
    for row in table(files, "differences.csv"):
        found[row["what"]] = found.get(row["what"], 0) + 1
    return found


def number(text: str) -> float | None:
    return None if text in ("NA", "") else float(text)


@pytest.mark.parametrize(("estimator", "missing"), [("ML", "listwise"), ("MLR", "fiml")])
def test_lavaan_finds_the_paths_and_fit_of_the_run_to_three_decimals(
    study, tmp_path, estimator, missing
):
    draws = Draws(20_260_103, 100, 0, 0)  # the bootstrap widens errors; lavaan draws nothing
    rules = Exclusions(
        seconds_per_answer=1.0,
        traps=True,
        long_run=9,
        proof_of_work=True,
        models_too=estimator == "ML",
    )
    planned = {"estimator": estimator, "missing": missing, "exclusions": rules}
    run = make_run(study, **planned, draws=draws, sensitivity=())
    said, files = reproduced(run, tmp_path)
    assert " 0 differ " in said
    assert run.exclusions["people"]["pace"] == 3
    assert run.exclusions["people"]["traps"] == 1
    assert run.exclusions["people"]["proof_of_work"] == 1
    signals = table(files, "data/signals.csv")
    assert compared_with_r(files)["excluded"] == len(signals)
    assert {row["kind"] for row in signals} == {"human", "llm"} if rules.models_too else {"human"}
    lavaan = {
        (row["fit"], row["lhs"], row["rhs"], row["group"]): row for row in table(files, "paths.csv")
    }
    paths = [row for row in table(files, "results/tables/paths.csv") if row["std"] != "NA"]
    assert {row["group"] for row in paths} == {"people", "one-constant-item", "repeating"}
    for row in paths:
        place = (row["fit"], row["outcome_variable"], row["predictor_variable"], row["group"])
        for ours, theirs in (
            ("path_est", "est"), ("fit_se", "se"), ("std", "std_all"), ("fit_std_se", "std_all_se")
        ):  # fmt: skip
            assert number(row[ours]) == pytest.approx(number(lavaan[place][theirs]), abs=5e-4)
        # The errors that the report prints are the fit's own; where sessions share clusters they
        # are never smaller than those of independent rows.
        assert number(row["path_se"]) >= number(row["fit_se"])
        if row["group"] != "repeating":
            assert row["path_se"] == row["fit_se"]
    assert_indices_agree(files)
    assert_vaar_was_worked_out_again(files, panels=2)


def test_lavaan_takes_the_items_of_an_ordinal_plan_as_ordered(study, tmp_path):
    constructs = tuple(
        replace(one, indicators="items", items=ITEMS[one.key])
        for one in load_plan(bundled_plan("privacy-prosocial")).constructs
    )
    run = make_run(
        study,
        estimator="WLSMV",
        constructs=constructs,
        draws=Draws(1, 0, 0, 0),
        sensitivity=(),
    )
    said, files = reproduced(run, tmp_path)
    assert " 0 differ " in said
    assert {"privacy_control_1|t1", "privacy_control_1|t2"} <= {
        f"{row['lhs']}|{row['rhs']}" for row in table(files, "parameters.csv")
    }
    assert_vaar_was_worked_out_again(files, panels=2)


def assert_vaar_was_worked_out_again(files, *, panels):
    compared = compared_with_r(files)
    for name in ("hard", "agree", "evidence", "joint", "ceiling", "hard_least", "evidence_most"):
        assert compared[name] >= panels
    for name in ("log", "log_least", "log_most"):
        assert compared[name] >= panels
    assert compared["vaar_value"] >= 8 * panels  # the models' own rows among the benchmarks
    for name in ("profile_icc", "median_wasserstein", "r2_ratio"):
        assert compared[name] == panels
    assert compared["item_jensen_shannon"] >= 12 * panels
    assert b"lavaan" in files["sessionInfo.txt"]


def assert_indices_agree(files):
    lavaan = {(row["fit"], row["index"]): number(row["value"]) for row in table(files, "fit.csv")}
    compared = 0
    for row in table(files, "results/tables/fit.csv"):
        for index in ("chisq", "df", "cfi", "tli", "rmsea", "srmr"):
            assert number(row[index]) == pytest.approx(lavaan[row["fit"], index], abs=5e-4)
            compared += 1
    assert compared >= 3 * 6
