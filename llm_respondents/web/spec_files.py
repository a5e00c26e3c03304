"""A specification that was uploaded or pasted: the file that `run_panel --spec` takes, or JSON.

On a page an endpoint is named, never addressed. A file that says where its endpoint is can be used
if the operator lists that very address: the rest of the endpoint is then the operator's.
"""

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from typing import Any

from django.utils.translation import gettext as _

from llm_respondents.api.serializers import RecruitSerializer
from llm_respondents.design.spec import PanelSpec, SpecError
from llm_respondents.endpoints.file import Endpoint
from llm_respondents.errors import PanelSpecError
from llm_respondents.services.named_endpoints import chosen_spec
from llm_respondents.web.spec_words import error_in_words, spec_error_in_words
from surveys.models import Study

_UNREADABLE, _INVALID = "panel_spec_unreadable", "panel_spec_invalid"
# What REST takes beside a specification.
_ELSEWHERE = ("study", "key", "spend_cap")
_TOML_PLACE = re.compile(r"(?P<what>.*) \(at (?:line (?P<line>\d+), column \d+|end of document)\)")


class SpecFileError(ValueError):
    """A file that describes no panel; every mistake as (code, sentence), the field named in it."""

    def __init__(self, mistakes: list[tuple[str, str]]) -> None:
        super().__init__("; ".join(sentence for _code, sentence in mistakes))
        self.mistakes = mistakes


def spec_of_file(text: str, study: Study, endpoints: Mapping[str, Endpoint]) -> PanelSpec:
    """Read TOML or JSON. Raises `SpecFileError`."""
    values = _values(text)
    try:
        endpoint, profile = _who(values, endpoints)
        given = _typed(values, study)
        return chosen_spec(endpoint=endpoint, profile=profile, values=given)
    except SpecError as error:
        said = _("%(field)s: %(what)s")
        words = said % {"field": error.where, "what": spec_error_in_words(error)}
        raise SpecFileError([(_INVALID, words)]) from error
    except PanelSpecError as error:
        raise SpecFileError([(error.code, error_in_words(error))]) from error


def _values(text: str) -> dict[str, Any]:
    bare = text.lstrip("\ufeff").strip()
    try:
        found = json.loads(bare) if bare.startswith("{") else tomllib.loads(bare)
    except json.JSONDecodeError as error:
        raise _unreadable("JSON", error.msg, error.lineno) from error
    except tomllib.TOMLDecodeError as error:
        place = _TOML_PLACE.fullmatch(str(error))
        what = place["what"] if place else str(error)
        line = place["line"] if place else None
        raise _unreadable("TOML", what, line or bare.count("\n") + 1) from error
    except RecursionError as error:
        raise _unreadable("JSON", _("it is nested too deeply"), 1) from error
    if not found:
        raise SpecFileError([(_UNREADABLE, _("There is nothing in it."))])
    try:
        json.dumps(found)
    except TypeError as error:
        # TOML has dates, and no field takes one.
        raise SpecFileError([(_INVALID, _("Dates and times are no values of a field."))]) from error
    return dict(found)


def _unreadable(kind: str, what: str, line: int | str) -> SpecFileError:
    words = _("Line %(line)s: this cannot be read as %(kind)s (%(what)s).")
    return SpecFileError([(_UNREADABLE, words % {"line": line, "kind": kind, "what": what})])


def _who(values: dict[str, Any], endpoints: Mapping[str, Endpoint]) -> tuple[str, str]:
    """(endpoint, profile), one of them empty; takes out of `values` what says so."""
    endpoint, profile = (str(values.pop(name, "")) for name in ("endpoint", "profile"))
    base_url = values.pop("base_url", "")
    if base_url and not endpoint:
        listed = [name for name, one in endpoints.items() if one.base_url == base_url]
        if not listed:
            raise SpecError(
                "base_url", "whoever operates the server decides this; name an endpoint"
            )
        endpoint = listed[0]
    elif base_url and (endpoint not in endpoints or endpoints[endpoint].base_url != base_url):
        raise SpecError("base_url", "whoever operates the server decides this; name an endpoint")
    known = endpoints.get(endpoint)
    for name in ("dialect", "api_key_env"):
        given = values.pop(name, "")
        if given and (known is None or getattr(known, name) != given):
            raise SpecError(name, "whoever operates the server decides this; name an endpoint")
    provider = values.pop("provider", "")
    if provider and provider != ("scripted" if profile else "openai"):
        raise SpecError("provider", "whoever operates the server decides this; name an endpoint")
    return endpoint, profile


def _typed(values: Mapping[str, Any], study: Study) -> dict[str, Any]:
    """The values, each of the kind that REST takes for it."""
    elsewhere = [name for name in _ELSEWHERE if name in values]
    if elsewhere:
        words = _("%(field)s: this is not part of a specification; set it on the page.")
        raise SpecFileError([(_INVALID, words % {"field": name}) for name in elsewhere])
    named = {("name" if field == "label" else field): part for field, part in values.items()}
    form = RecruitSerializer(data={**named, "study": study.slug})
    if not form.is_valid():
        raise SpecFileError([(_INVALID, words) for words in _flat(form.errors)])
    beside = ("endpoint", "profile", *_ELSEWHERE)
    return {name: part for name, part in form.validated_data.items() if name not in beside}


def _flat(errors: Any, where: str = "") -> Iterator[str]:
    if isinstance(errors, Mapping):
        for name, part in errors.items():
            at = f"[{name + 1}]" if isinstance(name, int) else f".{name}" if where else str(name)
            yield from _flat(part, where + at)
    else:
        for one in errors:
            words = _("%(field)s: %(what)s") % {"field": where, "what": one}
            yield words if where != "non_field_errors" else str(one)
