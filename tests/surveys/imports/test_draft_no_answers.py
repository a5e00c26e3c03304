"""Which codes a draft holds for no answers: by their words, and by what the file declares."""

import tomllib

import pandas as pd
import pyreadstat
import pytest

from surveys.imports.drafts.writing import draft_file


def drafted(content, name):
    return tomllib.loads(draft_file(content, name=name).text)


def codes_of(mapping, column):
    """The codes of a column that are asked about, as values and as missing ones."""
    found = next(one for one in mapping["columns"] if one["name"] == column)
    shared = {one["key"]: one for one in mapping.get("recodings", [])}
    asked = shared.get(found.get("recoding"), found)
    return set(asked.get("values", {})), set(asked.get("missing", {}))


def a_csv(*answers, rows=24):
    cells = "".join(f"{n},{answers[n % len(answers)]}\n" for n in range(rows))
    return f"id,q\n{cells}".encode()


@pytest.mark.parametrize(
    ("answers", "missing"),
    [
        (("Never", "Occasionally", "Often", "NA"), {"NA"}),
        (("kaum", "ziemlich", "sehr", "k.A."), {"k.A."}),
        (("Female", "Male", "Non-binary", "Prefer not to say"), {"Prefer not to say"}),
        (("Canada", "China", "Alaska", "n/a"), {"n/a"}),
        (("trifft nicht zu", "trifft kaum zu", "trifft zu", "weiß nicht"), {"weiß nicht"}),
        (("Not applicable", "Partly applicable", "Fully applicable"), set()),
        (("selten", "oft", "immer", "trifft nicht zu"), {"trifft nicht zu"}),
        (("Rarely", "Often", "Always", "Not applicable"), {"Not applicable"}),
    ],
)
def test_options_that_hold_the_letters_of_a_missing_word_are_points_of_the_scale(answers, missing):
    mapping = drafted(a_csv(*answers), "a.csv")
    assert codes_of(mapping, "q") == (set(answers) - missing, missing)


def test_a_cell_of_several_options_that_says_na_is_no_option():
    answers = ("Tea", "Coffee", '"Tea,Milk"', '"Coffee,Milk"', '"Tea,Coffee,Milk"', "NA")
    mapping = drafted(a_csv(*answers, '"Tea,Coffee"'), "a.csv")

    [column] = mapping["columns"]
    assert (column["separator"], column["missing"]) == (",", {"NA": "?"})
    [scale] = mapping["instruments"][0]["response_scales"]
    assert {one["label"]["en"] for one in scale["options"]} == {"Tea", "Coffee", "Milk"}


def test_na_in_a_column_of_texts_is_asked_about_and_no_words_of_anybody_are():
    said = ["I know not much of it at all", "NA", "refused to read such a long text"]
    answers = [f"{one} {n}" if " " in one else one for n in range(9) for one in said]
    mapping = drafted(a_csv(*answers), "a.csv")
    assert codes_of(mapping, "q") == (set(), {"NA"})


def statistics(tmp_path, form, frame, **more):
    path = tmp_path / f"a.{form}"
    getattr(pyreadstat, f"write_{form}")(frame, str(path), **more)
    return drafted(path.read_bytes(), path.name)


@pytest.mark.parametrize("form", ["dta", "sav"])
def test_boxes_with_declared_missing_codes_are_still_boxes(tmp_path, form):
    code = {"dta": "a", "sav": 9.0}[form]
    frame = pd.DataFrame({"id": range(1, 31)})
    for place in (1, 2, 3):
        ticked = [code if n % 7 == 0 else 1.0 if n % (place + 1) == 0 else None for n in range(30)]
        frame[f"drink_{place}"] = pd.Series(ticked, dtype=object)
    names = ("drink_1", "drink_2", "drink_3")
    how = {
        "dta": {"missing_user_values": {key: ["a"] for key in names}},
        "sav": {"missing_ranges": {key: [9] for key in names}},
    }[form]
    if form == "sav":
        frame = frame.astype(dict.fromkeys(names, float))

    mapping = statistics(tmp_path, form, frame, **how)

    assert mapping["instruments"][0]["response_scales"][0]["kind"] == "several"
    told = {"dta": "a", "sav": "9"}[form]
    for column in mapping["columns"]:
        assert (column["values"], column["missing"]) == ({"1": 1}, {told: "?"})


def test_a_range_of_missing_values_without_an_end_is_followed(tmp_path):
    frame = pd.DataFrame({"q": [float(n % 5) for n in range(30)]})
    labels = {"q": {1: "never", 2: "sometimes", 3: "often", 4: "always"}}
    mapping = statistics(
        tmp_path,
        "sav",
        frame,
        missing_ranges={"q": [{"lo": float("-inf"), "hi": 0}]},
        variable_value_labels=labels,
    )
    assert codes_of(mapping, "q") == (set(), {"0"})
    [scale] = mapping["instruments"][0]["response_scales"]
    assert [one["value"] for one in scale["options"]] == [1, 2, 3, 4]
