"""What the engine said of a step, said again in the language of a document."""

import ast
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from veiled_catalogue import Veiled, letters_left

from analysis import language as spoken
from analysis.compare.models.attempt import REFUSED, REMARKED, FitOptions, attempt
from analysis.compare.notices.details import SENTENCES, detail_in_words
from analysis.language import speaking

SEM = Path(spoken.__file__).parent / "sem"
# Errors of data and remarks on fits that a comparison can meet, by where their sentence is given.
SAID_BY = {"FitNotice": 1, "DataError": 0, "NotIdentifiedError": 1, "NotPositiveDefiniteError": 1}
DEFAULTS = {
    "NotIdentifiedError": "not_identified",
    "NotPositiveDefiniteError": "not_positive_definite",
}
LEFT_OUT = ("_where", "over", "'s'")  # a group's name, a clause, a plural
CODES = {*REFUSED, *REMARKED, "separation", "collinear_covariates"}


@pytest.fixture(scope="module", autouse=True)
def veiled():
    """German, in which every letter is an x."""
    catalogue = Veiled(spoken._catalogue("de"))
    with pytest.MonkeyPatch.context() as patch, speaking("xx"):
        patch.setattr(spoken, "_catalogue", lambda _: catalogue)
        yield


def written(node: ast.expr) -> str:
    """A sentence of the source, with 7 for what is put in, and nothing for what may be left out."""
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(map(written, node.values))
    assert isinstance(node, ast.FormattedValue)
    return "" if any(part in ast.unparse(node) for part in LEFT_OUT) else "7"


def code_of(call: ast.Call) -> str:
    """The code of an error or a remark, and of the class where none is written."""
    given = [one.value for one in call.keywords if one.arg == "code"]
    code = call.args[0] if call.func.id == "FitNotice" else next(iter(given), None)
    if isinstance(code, ast.Constant):
        return str(code.value)
    return DEFAULTS.get(call.func.id, "")


def engine_sentences() -> Iterator[str]:
    for path in SEM.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
                continue
            place = SAID_BY.get(node.func.id)
            if place is None or code_of(node) not in CODES:
                continue  # of arguments that a comparison never gives
            if isinstance(node.args[place], ast.Constant | ast.JoinedStr):
                yield written(node.args[place])


def test_every_sentence_of_the_engine_about_data_is_known():
    found = list(engine_sentences())
    assert len(found) >= 15
    assert {
        said: left for said in found if (left := letters_left(detail_in_words(said)) - {"start"})
    } == {}


ANSWERS = np.random.default_rng(1).integers(1, 6, size=(4, 60)).astype(float)
COLUMNS = dict(zip("abcd", ANSWERS, strict=True))


@pytest.mark.parametrize(
    ("syntax", "changed", "kept"),
    [
        ("f =~ a + b + c", {"c": np.full(60, 3.0)}, {"c"}),
        ("f =~ a + b + c", {"c": COLUMNS["a"] + COLUMNS["b"]}, {"a", "b", "c"}),
        ("f =~ a + b + c", {"a": np.where(np.arange(60) < 30, np.nan, COLUMNS["a"]),
                            "b": np.where(np.arange(60) < 30, COLUMNS["b"], np.nan)}, set()),
        ("f =~ a\nf ~~ f\na ~~ a", {}, {"f", "a"}),
        ("a ~ b", {"a": np.full(60, np.nan)}, {"a"}),
    ],
    ids=["constant", "sum", "never together", "not identified", "nobody"],
)  # fmt: skip
def test_what_a_fit_says_keeps_its_names_and_nothing_else(syntax, changed, kept):
    said = attempt(syntax, {**COLUMNS, **changed}, FitOptions()).detail
    assert said
    again = detail_in_words(said)
    assert letters_left(again) <= kept | {"all"}
    assert all(name in again.split() or name in again for name in kept)


def test_lists_of_items_and_reasons_keep_their_place():
    assert detail_in_words("PRV keeps 1 of 3 indicators (constant item: P1, P2)") == (
        "PRV xxxxx 1 xx 3 xxxxxxxxxx (xxxxxxxx xxxx: P1, P2)"
    )


def test_english_stays_as_it_was_said():
    with speaking("en"):
        assert detail_in_words("some variances are estimated negative: a ~~ a = -2") == (
            "some variances are estimated negative: a ~~ a = -2"
        )


def test_templates_do_not_contain_one_another_before_the_longer():
    for number, sentence in enumerate(SENTENCES):
        assert not any(earlier in sentence for earlier in SENTENCES[:number])


def test_numbers_that_the_engine_said_are_written_in_the_language_of_the_document():
    said = "the model does not fit acceptably: CFI = .812, RMSEA = .120 [.100, .140]"
    with speaking("de"):
        assert detail_in_words(said).endswith("CFI = 0,812, RMSEA = 0,120 [0,100; 0,140]")
        assert detail_in_words("x1.1 with y = -1.02").endswith("x1.1 with y = −1,02")
