"""An R script that reads the CSV files of an export and labels what it read. Base R alone."""

import json
from collections.abc import Collection, Mapping, Sequence

from surveys.exports.cells import APOSTROPHES
from surveys.exports.columns import NUMBERS, Column
from surveys.exports.content import ExportContent

_HEAD = """\
# Reads the answers of study {study} and labels them; one data frame for each kind of respondent:
# {frames}. They are never put together: rows of models are model-generated, not people.
# Run it in the folder of this file: source("load.R"). Needs nothing but R.

labels <- list(
{labels}
)

values <- list(
{values}
)

read_answers <- function(kind) {{
  file <- file.path("data", paste0("answers-", kind, "_form-raw_data.csv"))
  frame <- utils::read.csv(file, na.strings = "NA", encoding = "UTF-8", check.names = FALSE,
    colClasses = c({classes}))
  for (name in names(frame)) {{
{exactly}    attr(frame[[name]], "label") <- labels[[name]]
    # The class of package haven: with it loaded, as_factor() gives the words of the options.
    if (!is.null(values[[name]])) {{
      attr(frame[[name]], "labels") <- values[[name]]
      class(frame[[name]]) <- c("haven_labelled", "vctrs_vctr", class(unclass(frame[[name]])))
    }}
  }}
  frame
}}
"""


# In files that spreadsheets may open; of words alone, since a column of numbers has no apostrophe.
_EXACTLY = """\
    # Words that spreadsheets would carry out have an apostrophe before them: here they are exact.
    if (is.character(frame[[name]])) {{
      frame[[name]] <- gsub({pattern}, "", frame[[name]], perl = TRUE)
    }}
"""


def r_script(
    content: ExportContent,
    about: Mapping[str, str],
    columns: Sequence[Column],
    kinds: Sequence[str],
    *,
    exact: bool = False,
) -> str:
    """The script; it makes one data frame for each of `kinds`, with words as they were given."""
    labels = {**about, **{one.name: one.label for one in columns}}
    script = _HEAD.format(
        study=_comment(content.slug),
        frames=", ".join(kinds),
        labels=",\n".join(f"  {_name(name)} = {_quoted(text)}" for name, text in labels.items()),
        values=",\n".join(f"  {_name(one.name)} = {_vector(one)}" for one in columns if one.labels),
        classes=_classes(about, columns),
        exactly="" if exact else _EXACTLY.format(pattern=json.dumps(APOSTROPHES)),
    )
    reads = "".join(f'{kind} <- read_answers("{kind}")\n' for kind in kinds)
    return f"{script}\n{reads}"


def _vector(column: Column) -> str:
    pairs = (f"{_quoted(label)} = {value}" for value, label in column.labels.items())
    return f"c({', '.join(pairs)})"


def _classes(about: Collection[str], columns: Sequence[Column]) -> str:
    kinds = {name: "numeric" if name in NUMBERS else "character" for name in about}
    kinds |= {one.name: "numeric" if one.kind == "number" else "character" for one in columns}
    return ", ".join(f'{_name(name)} = "{kind}"' for name, kind in kinds.items())


def _name(name: str) -> str:
    return f"`{name}`"


def _quoted(text: str) -> str:
    """A text as R reads it, which takes the escapes of JSON; an empty name would be no name."""
    return json.dumps(text or " ", ensure_ascii=False)


def _comment(text: str) -> str:
    return " ".join(text.split())
