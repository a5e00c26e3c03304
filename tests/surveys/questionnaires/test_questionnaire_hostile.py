"""Files that nobody means well: damaged, huge, nested, packed tight. Each is refused or read."""

import io
import random
import zipfile

import pytest
from questionnaire_samples import every_form, lime_xml

from surveys.questionnaire_files import content as limits
from surveys.questionnaire_files.errors import QuestionnaireFileError
from surveys.questionnaire_files.made.instruments import make_instruments
from surveys.questionnaire_files.reading import read_questionnaire

MUTANTS = 100


def mutated(content: bytes, dice: random.Random) -> bytes:
    """The content with a few bytes changed, lost, doubled, or its end cut off."""
    changed = bytearray(content)
    for _ in range(dice.randint(1, 6)):
        place = dice.randrange(len(changed) or 1)
        match dice.randrange(6):
            case 0:
                changed[place : place + 1] = bytes([dice.randrange(256)])
            case 1:
                del changed[place : place + dice.randint(1, 40)]
            case 2:
                changed[place:place] = changed[place : place + dice.randint(1, 200)]
            case 3:
                del changed[place:]
            case 4:
                changed[place:place] = dice.choice(
                    (b"<", b'"', b"{", b"[", b"null", b"]]>", b"\xff\xfe", b"\t", b"{}", b"&#0;")
                )
            case _:
                piece = bytes(changed[place : place + 12])
                changed = bytearray(bytes(changed).replace(piece, b"1e999" if piece else b""))
    return bytes(changed)


def survives(content: bytes) -> None:
    """Read and make instruments of it, or be refused; nothing else may come of a file."""
    try:
        made = make_instruments(read_questionnaire(content, "mutant"), name="mutant")
    except QuestionnaireFileError:
        return
    assert all(loss.message for loss in made.losses)


@pytest.mark.parametrize("name", list(every_form()))
def test_a_damaged_file_is_refused_or_read_and_never_fails(name):
    content = every_form()[name]
    dice = random.Random(name)
    for _ in range(MUTANTS):
        survives(mutated(content, dice))


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<?xml version="1.0"?><!DOCTYPE d [<!ENTITY a "aa">]><document>&a;</document>', "broken"),
        (b'<!DOCTYPE d SYSTEM "file:///etc/passwd"><document/>', "broken"),
        (b"<a>" * 200 + b"</a>" * 200, "too_deep"),
        (b'{"pages":' * 200 + b"1" + b"}" * 200, "too_deep"),
        (b"[" * 100_000, "too_deep"),
        (b'{"pages": [NaN]}', "broken"),
        (b"text,options\n" + b"x,1-5\n" * (limits.MOST_ROWS + 1), "too_much"),
        (b"x" * (limits.MOST_BYTES + 1), "too_large"),
        (b'text\n"' + b"x" * 200_000 + b'"\n', "broken"),
    ],
)
def test_a_file_beyond_the_limits_is_refused(content, code):
    with pytest.raises(QuestionnaireFileError) as refused:
        read_questionnaire(content, "huge")
    assert refused.value.code == f"file_{code}"


def packed(**members: bytes) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, inside in members.items():
            archive.writestr(name.replace("__", "/"), inside)
    return content.getvalue()


def test_a_packed_bomb_is_refused_before_it_is_unpacked():
    bomb = packed(**{"xl__workbook.xml": b" " * 30_000_000})

    assert len(bomb) < 40_000
    with pytest.raises(QuestionnaireFileError) as refused:
        read_questionnaire(bomb, "bomb.xlsx")
    assert refused.value.code == "file_too_much"


def test_text_that_only_looks_like_mark_up_is_kept():
    words = {"qid": 1, "question": "Is 3 <4 & <name> {x", "language": "en"}
    question = {"qid": 1, "parent_qid": 0, "gid": 1, "type": "T", "title": "q"}
    tables = {"questions": [question], "question_l10ns": [words]}
    read = read_questionnaire(lime_xml(tables, version=500), "one.lss")

    assert read.questions[0].text["en"] == "Is 3 <4 & <name> {x"
    assert read.losses[1:] == ()
