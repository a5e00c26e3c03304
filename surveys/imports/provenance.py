"""Whose answers a file holds: the mapping says it, and is asked where columns say otherwise."""

from collections.abc import Sequence
from typing import Literal

from surveys.codes import Problem
from surveys.errors import ImportFileError
from surveys.imports.files.data_files import DataFile
from surveys.imports.mistakes import ImportMistake

Respondents = Literal["people", "models"]
RESPONDENTS: tuple[Respondents, ...] = ("people", "models")

# What tables of models' answers carry beside the answers, in lower case without signs between.
_OF_MODELS = {
    *("model", "modelname", "modelid", "modelversion", "llm", "llmmodel", "provider"),
    *("temperature", "topp", "topk", "maxtokens", "reasoningeffort"),
    *("prompt", "prompttext", "prompthash", "promptsha256", "prompttokens"),
    *("systemprompt", "systemtext", "systemmessage", "persona"),
    *("completion", "completiontokens", "rawresponse", "rawcompletion"),
    *("finishreason", "stopreason"),
}


def columns_of_models(header: Sequence[str]) -> list[str]:
    """The columns whose names stand beside answers of models, and hardly beside people's."""
    return [name for name in header if _plain(name) in _OF_MODELS]


def require_people(data: DataFile, not_of_models: Sequence[str]) -> None:
    """Raise `ImportFileError` if the header looks like one of models' answers.

    `not_of_models` are columns of which the mapping says that they only look so.
    """
    if found := [one for one in columns_of_models(data.header) if one not in not_of_models]:
        about = {"columns": ", ".join(found), "names": ", ".join(f'"{one}"' for one in found)}
        problem = Problem("line 1", ImportMistake.LOOKS_LIKE_MODELS, about)
        raise ImportFileError(data.name, [problem])


def _plain(name: str) -> str:
    """EDSL and inspect_ai write model.temperature and model_name; others Model Name."""
    words = "".join(sign if sign.isalnum() else " " for sign in name.lower()).split()
    joined = "".join(words)
    last = words[-1] if len(words) > 1 and words[0] in {"model", "agent", "prompt"} else ""
    return last if last in _OF_MODELS else joined
