"""A study on tea that comes with the answers of its people: a mapping, its parts, and the data."""

from typing import Any

from django.contrib.auth.base_user import AbstractBaseUser
from factories import TESTER

from surveys.imports import parse_data, parse_mapping
from surveys.services.data.imports import import_responses

SOURCE = """\
[source]
citation = "Nobody (2026). Invented for a test."
licence = "CC0-1.0"
"""
_DATA = """\
[data]
respondents = "people"
id_column = "id"
missing = { NA = "not_shown" }
"""
_RECODING = """\
[[recodings]]
key = "agreement"
values = { 1 = 1, 7 = 2, 3 = 3 }
missing = { 9 = "refused" }
"""
STUDY = """\
[study]
slug = "tea"
version = "1.0"
languages = ["en"]
title.en = "A study of tea"

[study.consent]
version = "1.0"
contact = "tea@example.org"
information.en = "We ask about tea."
statement.en = "I take part."
"""
LIKING_BLOCK = """\
[[study.blocks]]
key = "liking"
instrument = "tea-liking"
version = "1.0"
"""
_HABIT_BLOCK = """\
[[study.blocks]]
key = "habit"
instrument = "tea-habit"
version = "1.0"
"""
AGE = """\
[[study.demographics]]
key = "age"
kind = "integer"
minimum = 18
maximum = 99
label.en = "Age"
"""
_GENDER = """\
[[study.demographics]]
key = "gender"
kind = "choice"
label.en = "Gender"
options = [{ value = "female", label.en = "Female" }, { value = "male", label.en = "Male" }]
"""
LIKING = """\
[[instruments]]
slug = "tea-liking"
version = "1.0"
construct = "liking"
languages = ["en"]
licence = "CC0-1.0"
citation = "None."
wording_note = "Our own words."
title.en = "Tea"
instruction.en = "How far do you agree?"
orientation.en = "High: likes tea."
reverse_keyed = ["bitter"]

[[instruments.response_scales]]
key = "agreement"
options = [
  { value = 1, label.en = "Disagree" },
  { value = 2, label.en = "Neither" },
  { value = 3, label.en = "Agree" },
]

[[instruments.items]]
key = "good"
response_scale = "agreement"
text.en = "Tea tastes good."

[[instruments.items]]
key = "bitter"
response_scale = "agreement"
text.en = "Tea is bitter."
"""
_HABIT = """\
[[instruments]]
slug = "tea-habit"
version = "1.0"
construct = "habit"
languages = ["en"]
licence = "CC0-1.0"
citation = "None."
wording_note = "Our own words."
title.en = "Cups"
instruction.en = "How often?"
orientation.en = "High: often."

[[instruments.response_scales]]
key = "frequency"
options = [{ value = 0, label.en = "Never" }, { value = 1, label.en = "Daily" }]

[[instruments.items]]
key = "daily"
response_scale = "frequency"
text.en = "I drink tea."

[[instruments.items]]
key = "green"
response_scale = "frequency"
text.en = "I drink green tea."
"""
_COLUMNS = """\
[[columns]]
name = "q2"
item = "liking.bitter"
recoding = "agreement"

[[columns]]
name = "q1"
item = "liking.good"
recoding = "agreement"

[[columns]]
name = "cups"
item = "habit.daily"

[[columns]]
name = "years"
demographic = "age"

[[columns]]
name = "sex"
demographic = "gender"
values = { f = "female", m = "male" }
"""


def mapping_of(*parts: str) -> str:
    """A mapping of its parts, with a line between them."""
    return "\n".join(parts)


_BLOCKS = mapping_of(LIKING_BLOCK, _HABIT_BLOCK, AGE, _GENDER)
MAPPING = mapping_of(SOURCE, _DATA, _RECODING, STUDY, _BLOCKS, LIKING, _HABIT, _COLUMNS)
DATA = """\
id,cups,q1,years,q2,sex,remark
a1,1,7,34,3,f,fine
a2,0,9,,1,m,
a3,NA,,61,,,"two
lines"
a4,1,3.0,18,7,f,
"""


def imported(owner: AbstractBaseUser, *, data: str | bytes = DATA, mapping: str = MAPPING) -> Any:
    """What became of importing the data through the mapping."""
    read = parse_mapping(mapping, file="mapping.toml")
    content = data if isinstance(data, bytes) else data.encode()
    return import_responses(
        mapping=read, data=parse_data(content, read.layout, name="tea.csv"), owner=owner, by=TESTER
    )
