"""Answers of models that were collected elsewhere: read as ours are, and never people."""

import io
import json
import zipfile

import pytest
from collected import collected, lines, mapping_text, session
from factories import TESTER
from tea import imported

from llm_respondents.conversation.parsing import Answered
from llm_respondents.conversation.reading.collected import read_text
from llm_respondents.models import Attempt, CollectedReply, Panel
from llm_respondents.readout.collected import collected_groups, collected_shares
from llm_respondents.services.reparsing import reparse_collected
from surveys.errors import ImportFileError, StudyError
from surveys.imports import parse_data, parse_mapping
from surveys.models import Action, Answer, AuditEntry, ImportedFile, Respondent, RespondentGroup
from surveys.selectors import stored_answers
from surveys.services import withdraw
from surveys.services.data.imports import import_responses

pytestmark = pytest.mark.django_db

WHOLE = {"liking.good": "3", "liking.bitter": "Disagree", "habit.daily": "1", "habit.green": "0"}


def said(key):
    """Question -> stored value, or the missing reason, of a session."""
    respondent = Respondent.objects.get(design__session=key)
    answers = stored_answers(respondent.administration)
    return {ref: one.reason or one.values[0] for ref, one in answers.items()}


def refused(owner, code, content, text=None):
    with pytest.raises(ImportFileError) as no:
        collected(owner, content, text)
    assert no.value.code == code, no.value
    assert not RespondentGroup.objects.filter(imported=True).exists()
    return no.value


def test_raw_replies_are_read_as_those_to_a_panel_and_kept_word_for_word(owner):
    odd = {"liking.good": "**3** – Agree", "liking.bitter": "I'd say 2, perhaps 3"}
    odd |= {"habit.daily": "As an AI I cannot answer that.", "habit.green": ""}

    report = collected(owner, lines(*session("s1", WHOLE), *session("s2", odd)))

    assert (report.imported, report.rows_read, report.rows_used) == (2, 8, 8)
    assert dict(report.groups) == {"gpt-imported": 2}
    assert said("s1") == {
        "liking.good": 3,
        "liking.bitter": 1,
        "habit.daily": 1,
        "habit.green": 0,
    }
    assert said("s2") == {
        "liking.good": 3,
        "liking.bitter": "unparsable",
        "habit.daily": "refused",
        "habit.green": "unparsable",
    }
    raws = CollectedReply.objects.filter(administration__respondent__design__session="s2")
    assert [one.raw for one in raws] == list(odd.values())


def test_they_are_models_labelled_imported_and_there_is_nothing_to_run_or_to_pay(owner):
    collected(owner, lines(*session("s1", WHOLE)))

    group = RespondentGroup.objects.get(imported=True)
    assert (group.kind, group.provenance) == ("llm", "imported model answers")
    assert not Respondent.objects.filter(kind="human").exists()
    assert not Panel.objects.exists()
    assert not Attempt.objects.exists()


def test_values_reasons_labels_and_distributions_are_told_apart_and_counted(owner):
    replies = {
        "liking.good": {"value": 2},
        "liking.bitter": {"missing_reason": "content_filter"},
        "habit.daily": {"value": "  DAILY "},
        "habit.green": {"distribution": {"Never": 30, "Daily": 70}},
    }

    collected(owner, lines(*session("s1", replies)))

    answers = said("s1")
    assert answers.pop("habit.green") in (0, 1)
    assert answers == {"liking.good": 2, "liking.bitter": "content_filter", "habit.daily": 1}
    group = RespondentGroup.objects.get(imported=True)
    shares = [(one.value, one.share) for one in collected_shares(group)]
    assert shares == [(0, 0.3), (1, 0.7)]
    rule = group.method["parsing_rule"]
    assert "2 values, taken as its source coded them" in rule
    assert "1 distributions" in rule


def test_what_is_drawn_from_a_distribution_follows_its_shares(owner):
    replies = {"habit.green": {"distribution": {"0": 0.25, "1": 0.75}}}
    rows = [row for number in range(400) for row in session(f"s{number}", replies)]

    report = collected(owner, lines(*rows))

    assert 260 <= report.values["habit.green"][1] <= 340
    assert report.missing["liking.good"] == {"not_shown": 400}


def test_several_items_in_one_reply_are_read_by_their_numbers(owner):
    head = {"panel": "gpt", "session": "s1", "model": "gpt-4o"}
    both = {**head, "items": ["liking.good", "liking.bitter"], "raw": "1. 3\n2. 1"}

    collected(owner, lines(both))

    assert said("s1")["liking.good"] == 3
    assert said("s1")["liking.bitter"] == 1


def test_a_turned_scale_is_read_back_where_options_were_marked_by_place(owner):
    panels = '[[panels]]\nkey = "gpt"\noption_marks = "letter"\n'
    rows = session("s1", {"liking.good": "A"}, scale_direction="reversed")

    collected(owner, lines(*rows), mapping_text(tables=panels))

    assert said("s1")["liking.good"] == 3, "A stood before Agree"


def test_what_the_file_does_not_tell_is_not_recorded(owner):
    told = {"temperature": 0.7, "asked_at": "2025-03-04T10:00:00Z", "system_text": "You are Ann."}
    collected(owner, lines(*session("s1", WHOLE, **told)))

    method = RespondentGroup.objects.get(imported=True).method
    assert method["temperature"] == "0.7"
    assert method["run_dates"] == "2025-03-04"
    assert method["system_prompt"] == "You are Ann."
    assert not {"seed", "provider", "cost", "retries", "history"} & {
        k for k, v in method.items() if v
    }


def test_sessions_are_matched_to_people_by_their_id(owner):
    imported(owner)
    tea = mapping_text('study = "tea"', study="")

    collected(owner, lines(*session("s1", WHOLE, matched_to="a1")), tea)

    matched = Respondent.objects.get(kind="llm")
    assert matched.matched_to == Respondent.objects.get(recruiter_id="a1")
    assert matched.demographics == matched.matched_to.demographics
    assert Respondent.objects.filter(kind="human").count() == 3


def test_somebody_who_is_not_there_is_named(owner):
    error = refused(owner, "unknown_person", lines(*session("s1", WHOLE, matched_to="nobody")))
    assert "nobody" in str(error)


def test_the_same_file_adds_nothing_and_a_changed_session_is_refused(owner):
    rows = [*session("s1", WHOLE), *session("s2", WHOLE)]
    collected(owner, lines(*rows))

    again = collected(owner, lines(*rows, *session("s3", WHOLE)))

    assert (again.imported, dict(again.skipped)) == (1, {"already_imported": 8})
    assert RespondentGroup.objects.filter(imported=True).count() == 1
    with pytest.raises(ImportFileError, match="imported answers are never changed"):
        collected(owner, lines(*session("s1", {**WHOLE, "liking.good": "1"})))


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"session": ""}, "reply_incomplete"),
        ({"model": None}, "reply_incomplete"),
        ({"item": "liking.sweet"}, "unknown_item"),
        ({"raw": None}, "nothing_replied"),
        ({"raw": None, "value": 9}, "unknown_code"),
        ({"raw": None, "distribution": {"1": 0.2}}, "bad_distribution"),
        ({"scale_direction": "up"}, "bad_direction"),
    ],
)
def test_what_a_reply_lacks_is_named_with_its_line(owner, change, code):
    good = list(session("s1", WHOLE))
    error = refused(owner, code, lines(good[1], {**good[0], **change}))
    assert "line 2" in str(error) or "2" in error.problems[0].where


def test_a_cut_line_a_repeated_key_and_a_second_answer_are_refused(owner):
    rows = list(session("s1", WHOLE))

    assert refused(owner, "not_json", lines(*rows)[:-20]).problems[0].where == "line 4"
    refused(owner, "not_json", b'{"panel": "a", "panel": "b"}\n')
    refused(owner, "replied_twice", lines(*rows, rows[0]))


def test_an_import_of_models_is_in_the_log_and_its_file_is_no_source_of_people(owner):
    collected(owner, lines(*session("s1", WHOLE)))

    entry = AuditEntry.objects.get(action=Action.MODEL_ANSWERS_IMPORTED)
    assert entry.after["groups"] == ["gpt-imported"]
    file = ImportedFile.objects.get()
    assert (file.respondents, file.rows_read, file.rows_imported) == ("models", 4, 4)


def test_a_study_that_is_not_there_is_named(owner):
    with pytest.raises(StudyError, match="coffee"):
        collected(owner, lines(*session("s1", WHOLE)), mapping_text('study = "coffee"', study=""))


def test_long_and_wide_tables_say_the_same(owner):
    long = "panel,session,model,item,raw\n" + "".join(
        f"gpt,s1,gpt-4o,{item},{raw}\n" for item, raw in WHOLE.items()
    )
    wide = "panel,session,model,q1,q2,q3,q4\ngpt,s2,gpt-4o," + ",".join(WHOLE.values()) + "\n"
    items = "".join(
        f'[[columns]]\nname = "q{n}"\nitem = "{item}"\n' for n, item in enumerate(WHOLE, start=1)
    )
    csv = 'format = "csv"\n'

    collected(owner, long.encode(), mapping_text(csv), "long.csv")
    collected(owner, wide.encode(), mapping_text(csv + 'shape = "wide"\ncells = "raw"', items))

    assert said("s1") == said("s2") == {**said("s1"), "liking.good": 3}
    assert collected_groups(Respondent.objects.first().study)[0].sessions == 2


def test_a_batch_output_of_openai_is_read_as_it_is_written(owner):
    def line(custom, text, **more):
        choice = {
            "message": {"role": "assistant", "content": text},
            "finish_reason": "stop",
            **more,
        }
        body = {"model": "gpt-4o-2024-08-06", "created": 1741082400, "choices": [choice]}
        response = {"status_code": 200, "body": body}
        return {"id": "batch_req_1", "custom_id": custom, "response": response, "error": None}

    rows = [line("s|1|liking.good", "3"), line("s|1|liking.bitter", "1", finish_reason="length")]
    failed = {"custom_id": "s|1|habit.daily", "response": None, "error": {"message": "expired"}}
    failed["response"] = {"body": {"model": "gpt-4o-2024-08-06"}}

    collected(owner, lines(*rows, failed), mapping_text('tool = "openai_batch"'))

    assert said("s|1")["liking.good"] == 3
    assert said("s|1")["liking.bitter"] == "truncated"
    assert said("s|1")["habit.daily"] == "transport_error"
    assert RespondentGroup.objects.get(imported=True).method["run_dates"] == "2025-03-04"


def test_responses_of_openai_that_were_broken_off_or_refused_are_no_answers(owner):
    def line(item, part, **more):
        thought = {"type": "reasoning", "summary": []}
        message = {"type": "message", "role": "assistant", "content": [part]}
        body = {"model": "gpt-5", "created_at": 1741082400, "output": [thought, message], **more}
        return {"custom_id": f"s|{item}", "response": {"status_code": 200, "body": body}}

    rows = [
        line("liking.good", {"type": "output_text", "text": "3"}, incomplete_details=None),
        line(
            "liking.bitter",
            {"type": "output_text", "text": "1"},
            status="incomplete",
            incomplete_details={"reason": "max_output_tokens"},
        ),
        line("habit.daily", {"type": "refusal", "refusal": "I can't say."}),
    ]
    collected(owner, lines(*rows), mapping_text('tool = "openai_batch"'))

    assert said("s")["liking.good"] == 3
    assert said("s")["liking.bitter"] == "truncated"
    assert said("s")["habit.daily"] == "refused"


@pytest.mark.parametrize("kind", ["json", "eval"])
def test_a_log_of_inspect_ai_is_read_as_it_is_written(owner, kind):
    def sample(item, epoch, text):
        output = {
            "model": "gpt-4o",
            "choices": [{"message": {"role": "assistant", "content": text}, "stop_reason": "stop"}],
            "usage": {"input_tokens": 9},
        }
        return {"id": item, "epoch": epoch, "input": "Tea?", "target": "", "output": output}

    log = {
        "version": 2,
        "eval": {
            "model": "openai/gpt-4o",
            "created": "2025-03-04T10:00:00+00:00",
            "model_generate_config": {"temperature": 1.0},
        },
        "samples": [sample(i, e, raw) for e in (1, 2) for i, raw in WHOLE.items()],
    }

    content = json.dumps(log).encode() if kind == "json" else zipped(log)
    report = collected(owner, content, mapping_text('tool = "inspect_ai"'), f"log.{kind}")

    assert dict(report.groups) == {"openaigpt-4o-imported": 2}
    assert said("2")["liking.bitter"] == 1
    method = RespondentGroup.objects.get(imported=True).method
    assert (method["temperature"], method["item_prompt"]) == ("1.0", "Tea?")


def zipped(log):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        head = {key: value for key, value in log.items() if key != "samples"}
        archive.writestr("header.json", json.dumps(head))
        for one in log["samples"]:
            archive.writestr(f"samples/{one['id']}_epoch_{one['epoch']}.json", json.dumps(one))
    return made.getvalue()


def test_a_log_that_is_packed_otherwise_says_how_it_is_written_as_json(owner):
    log = {"version": 2, "samples": [{"id": "liking.bitter", "epoch": 1}]}
    content = zipped(log)
    # The number of Zstandard in the place of "stored", for every member, before it and at the end.
    for mark, place in ((b"PK\x03\x04", 8), (b"PK\x01\x02", 10)):
        parts = content.split(mark)
        packed = [one[: place - 4] + b"\x5d\x00" + one[place - 2 :] for one in parts[1:]]
        content = mark.join([parts[0], *packed])
    with pytest.raises(ImportFileError, match="inspect log convert FILE --to json") as refused:
        collected(owner, content, mapping_text('tool = "inspect_ai"'), "log.eval")
    assert [one.code for one in refused.value.problems] == ["log_packed"]


def test_results_of_edsl_are_read_as_they_are_written(owner):
    items = "".join(
        f'[[columns]]\nname = "{name}"\nitem = "{item}"\n'
        for name, item in (("good", "liking.good"), ("daily", "habit.daily"))
    )
    header = "agent.agent_name,iteration.iteration,model.model,model.temperature,answer.good,"
    header += "answer.daily,prompt.good_user_prompt,generated_tokens.good_generated_tokens\n"
    row = "Agent_0,0,gpt-4o,0.5,Agree,Daily,How is tea?,Agree\n"
    result = {
        "agent": {"name": "Agent_1", "traits": {"age": 40}},
        "iteration": 0,
        "model": {"model": "gpt-4o", "parameters": {"temperature": 0.5}},
        "answer": {"good": "Disagree", "daily": "Never"},
        "prompt": {"good_user_prompt": {"text": "How is tea?"}},
    }

    collected(owner, (header + row).encode(), mapping_text('tool = "edsl"', items), "r.csv")
    as_json = mapping_text('tool = "edsl"\nformat = "json"', items)
    nameless = [
        {**result, "agent": {"traits": {"age": age}}, "indices": {"agent": place, "model": 0}}
        for place, age in enumerate((50, 60))
    ]
    own = {
        **result,
        "agent": {"name": "Agent_2"},
        "answer": {"good": "Agree", "daily": "Never"},
        "generated_tokens": {"good_generated_tokens": "Not Applicable"},
    }
    collected(owner, json.dumps({"data": [result, own, *nameless]}).encode(), as_json, "r.json")

    assert said("Agent_0/0")["liking.good"] == 3
    assert said("Agent_1/0")["liking.good"] == 1
    assert said("Agent_1/0")["habit.daily"] == 0
    assert said("0/0") == said("1/0") == said("Agent_1/0")
    assert said("Agent_2/0")["liking.good"] == 3
    persona = Respondent.objects.get(design__session="Agent_1/0").design["persona"]
    assert persona == [["age", "40"]]
    assert RespondentGroup.objects.get(imported=True).method["temperature"] == "0.5"


def test_a_choice_of_edsl_stands_before_its_comment(owner):
    """EDSL asks for the choice on the first line and a comment on the next one."""
    record = {
        "agent": {"name": "Agent_7"},
        "iteration": 0,
        "model": {"model": "gpt-4o"},
        "answer": {"good": "Agree"},
        "generated_tokens": {"good_generated_tokens": "Agree  \nI disagree with coffee, though."},
    }
    column = '[[columns]]\nname = "good"\nitem = "liking.good"\n'
    text = mapping_text('tool = "edsl"\nformat = "json"', column)
    collected(owner, json.dumps({"data": [record]}).encode(), text, "r.json")

    assert said("Agent_7/0")["liking.good"] == 3
    assert CollectedReply.objects.get().raw == "Agree  "


def test_a_mapping_of_models_with_a_column_of_demographics_is_refused(owner):
    column = '[[columns]]\nname = "x"\ndemographic = "age"\n'
    with pytest.raises(ImportFileError, match="stands for an item"):
        collected(owner, lines(*session("s1", WHOLE)), mapping_text(tables=column))


def test_the_door_of_people_does_not_take_them(owner):
    mapping = parse_mapping(mapping_text('format = "csv"'), file="mapping.toml")
    data = parse_data(b"panel,session\ngpt,s1\n", mapping.layout)
    with pytest.raises(ImportFileError) as no:
        import_responses(mapping=mapping, data=data, owner=owner, by=TESTER)
    assert no.value.code == "not_people"


def test_replies_that_a_better_parser_reads_otherwise_are_read_again(owner, monkeypatch):
    collected(owner, lines(*session("s1", WHOLE)))
    group = RespondentGroup.objects.get(imported=True)
    assert reparse_collected(group=group, by=TESTER) == []

    def better(text, questions, *_rest, **_more):
        """Today's parser, but that it takes the first words of the scale for its middle."""
        given = read_text(text, questions, *_rest, **_more)
        return (Answered(2),) if text == "Disagree" else given

    monkeypatch.setattr("llm_respondents.readout.collected.read_text", better)
    changes = reparse_collected(group=group, by=TESTER, apply=True)

    assert [(one.ref, one.before, one.after) for one in changes] == [("liking.bitter", "1", "2")]
    assert said("s1")["liking.bitter"] == 2
    assert Answer.objects.get(item__key="bitter").revisions.get().value == 1


def test_a_person_who_withdraws_is_forgotten_in_what_matched_sessions_were_told(owner):
    imported(owner)
    told = {"matched_to": "a1", "system_text": "You are a woman of 34.", "persona": {"age": 34}}
    tea = mapping_text('study = "tea"', study="")
    collected(owner, lines(*session("s1", WHOLE, **told)), tea)

    person = Respondent.objects.get(recruiter_id="a1")
    withdraw(administration=person.administration, by=TESTER)

    session_ = Respondent.objects.get(kind="llm")
    assert (session_.demographics, session_.design["persona"]) == ({}, [])
    kept = CollectedReply.objects.first()
    assert "34" not in json.dumps(kept.told)
    assert kept.raw == "3", "what the model said is its own"


def test_answers_are_counted_where_they_were_stored(owner):
    report = collected(owner, lines(*session("s1", WHOLE)))

    assert Answer.objects.count() == 4
    assert report.values["liking.good"] == {3: 1}
    assert TESTER.called
