"""Whatever comes as a draft of an instrument is refused with its place or shown; nothing breaks."""

import json
from datetime import date
from math import inf

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.authoring.draft_tables import finished, require_draft
from surveys.instrument_files.authoring.grid import moved, tables_of_form
from surveys.instrument_files.authoring.pasting import read_paste
from surveys.instrument_files.authoring.previews import as_far_as_written
from surveys.instrument_files.authoring.sheet import sheet_of
from surveys.instrument_files.authoring.taking_over import with_items

words = st.text("ab -=|,\t\n\"'{}(R)ä1", max_size=8)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 99) | st.floats() | words,
    lambda part: st.lists(part, max_size=3) | st.dictionaries(words, part, max_size=3),
    max_leaves=5,
)
texts = st.dictionaries(st.sampled_from(["en", "de", "x"]), words, max_size=2)
keys = st.sampled_from(["a", "b", "", "a 1"])
items = st.fixed_dictionaries(
    {}, optional={"key": keys, "text": texts, "facet": keys, "response_scale": keys, "need": words}
)
kinds = st.sampled_from(["choice", "numbered", "slider", "several", "text", "date", "new"])
parts = dict.fromkeys(("options", "labels", "low", "minimum", "unscored", "longest"), plain)
scales = st.fixed_dictionaries({}, optional={"key": keys, "kind": kinds, **parts})
tables = st.fixed_dictionaries(
    {},
    optional={
        "slug": words,
        "languages": st.lists(st.sampled_from(["en", "de"]), max_size=2),
        "title": texts,
        "reverse_keyed": st.lists(keys, max_size=2),
        "items": st.lists(items, max_size=3),
        "facets": st.lists(
            st.fixed_dictionaries({}, optional={"key": keys, "label": texts}), max_size=2
        ),
        "response_scales": st.lists(scales, max_size=2) | plain,
    },
)


@settings(max_examples=300)
@given(tables)
def test_what_is_not_refused_is_shown_previewed_moved_and_pasted_into(values):
    try:
        require_draft(values)
    except InstrumentFileError:
        return
    json.dumps(values, allow_nan=False)
    _definition, problems = finished(values)
    sheet = sheet_of(values, problems, str)
    assert len(sheet.items) == len(values.get("items", ()))
    assert len(sheet.mistakes) == len(problems)
    as_far_as_written(values, "en")
    pasted = read_paste("text\tscale\nA\tslider\n", values.get("languages", ()))
    require_draft(with_items(moved(values, "remove.item.1"), pasted.items, "agreement-5"))


@settings(max_examples=200)
@given(
    st.dictionaries(
        st.sampled_from(
            [
                *("slug", "languages", "title.en", "item.1.text.en", "item.1.key", "item.x.key"),
                *(
                    "item.2.facet",
                    "item.2.text.en",
                    "item.1.reverse",
                    "scale.1.key",
                    "scale.1.kind",
                ),
                *("scale.1.words.en", "scale.1.minimum", "scale.1.unscored.en", "facet.1.label.en"),
            ]
        ),
        words,
    )
)
def test_any_form_comes_to_tables_that_can_be_kept(fields):
    made = tables_of_form(fields, {})
    require_draft(made)
    assert tables_of_form(fields, made) == made


@given(st.text(max_size=60) | words)
def test_any_paste_is_read_or_says_where_it_is_wrong(text):
    pasted = read_paste(text, ["en"])
    assert pasted.items or pasted.problems
    assert all(one.where for one in pasted.problems)


@pytest.mark.parametrize("value", [date(2026, 3, 1), inf, "a\0b"])
def test_what_no_database_keeps_is_refused_with_its_place(value):
    scale = {"key": "day", "kind": "date", "earliest": value}
    with pytest.raises(InstrumentFileError) as refused:
        require_draft({"response_scales": [scale]})
    assert refused.value.where == "response_scales[1].earliest"
