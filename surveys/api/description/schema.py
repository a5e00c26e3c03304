"""How the views are read: what each address takes, answers and refuses, and what it is called."""

import inspect
import re
from typing import Any

from drf_spectacular.drainage import warn
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.openapi import AutoSchema
from drf_spectacular.plumbing import ResolvedComponent, force_instance, is_serializer
from rest_framework import serializers
from rest_framework.fields import JSONField

from surveys.api.description.told import JSON, ZIP, Answer, made, paged
from surveys.api.description.typed import schema_of_type
from surveys.api.description.words import ABOUT, PATH, QUERY, REFUSALS
from surveys.api.rules.repetition import HEADER
from surveys.api.tokens import scopes_of

MULTIPART = "multipart/form-data"
_VERBS = {
    "retrieve": "get",
    "create": "create",
    "update": "replace",
    "partial_update": "change",
    "destroy": "delete",
}


class Described(AutoSchema):
    """Reads a view of ours: its `takes` and `answers`, `parameters`, scopes and docstrings."""

    def get_operation_id(self) -> str:
        """A verb and what it is done to, such as ``run_panel``."""
        if called := self._answer().called:
            return called
        one = self._basename().replace("-", "_")
        if self._action() == "list":
            return f"list_{_many(one)}"
        verb = _VERBS.get(self._action(), self._action())
        if self._action() not in _VERBS and self.method == "GET":
            return f"get_{one}_{verb}"
        return f"{verb}_{one}"

    def get_tags(self) -> list[str]:
        """The resource."""
        return [_many(self._basename().replace("-", " ")).capitalize()]

    def get_summary(self) -> str:
        """The first sentence of what the action, or else the list, says of itself."""
        return _sentences(self._said())[0]

    def get_description(self) -> str:  # type: ignore[override]
        """All other sentences, and the scopes that a token needs."""
        beside = "" if self._own_words() else inspect.getdoc(self.view.__class__) or ""
        rest = _sentences(self._said())[1] or beside
        needed = ", ".join(f"`{one}`" for one in self._scopes())
        said = f"A token needs: {needed}." if needed else ""
        return _as_markdown("\n\n".join(part for part in (rest, said) if part))

    def get_auth(self) -> list[dict[str, Any]]:
        """As usual; of a token also the scopes that are needed."""
        known = super().get_auth()
        return [{**one, "token": self._scopes()} if "token" in one else one for one in known]

    def get_override_parameters(self) -> list[Any]:
        """None beside those that follow."""
        return []

    def _get_parameters(self) -> list[dict[str, Any]]:
        found = [*self._in_path(), *self._in_query()]
        if self.method == "POST" and self._scopes():
            found.append(
                {
                    "name": HEADER,
                    "in": "header",
                    "schema": {"type": "string", "minLength": 1, "maxLength": 200},
                    "description": "A random text: sent again with it, the work is done once.",
                }
            )
        return found

    def _in_path(self) -> list[dict[str, Any]]:
        found = []
        for name in re.findall(r"{(\w+)}", self.path):
            if name not in PATH:
                warn(f"nothing is said of {name!r} in {self.path}; say it in `words.PATH`.")
            schema, text = PATH.get(name, ({"type": "string"}, ""))
            if name == "id" and hasattr(self.view, "lookup_value_regex"):
                schema, text = PATH["slug"]
            about = {"name": name, "in": "path", "required": True}
            found.append({**about, "description": text, "schema": schema})
        return found

    def _in_query(self) -> list[dict[str, Any]]:
        named = getattr(self.view, "parameters", {}).get(self._action(), ())
        paging = {one["name"]: one for one in self._paging()}
        required = getattr(self.view, "required_parameters", ())
        found = []
        for name in named:
            if name in paging:
                continue
            if name not in QUERY:
                warn(f"nothing is said of the parameter {name!r}; say it in `words.QUERY`.")
            schema, text = QUERY.get(name, ({"type": "string"}, ""))
            about = {"name": name, "in": "query", "required": name in required}
            found.append({**about, "description": text, "schema": schema})
        return [*found, *paging.values()] if self._answer().pages else found

    def _paging(self) -> list[dict[str, Any]]:
        paginator = getattr(self.view, "pagination_class", None)
        return list(paginator().get_schema_operation_parameters(self.view)) if paginator else []

    # --- What is sent

    def _get_request_body(self, direction: Any = "request") -> dict[str, Any] | None:
        if self.method not in ("POST", "PUT", "PATCH"):
            return None
        shape = self._of_method("takes")
        if shape is None:
            return None
        schema = self._schema(shape, direction)
        media = MULTIPART if _has_file(shape) else JSON
        return {"content": {media: {"schema": schema}}, "required": self._is_needed(schema)}

    def _is_needed(self, schema: dict[str, Any]) -> bool:
        name = schema.get("$ref", "").rpartition("/")[2]
        known = self.registry._components.get((name, ResolvedComponent.SCHEMA))  # noqa: SLF001
        return bool((known.schema if known else schema).get("required"))

    # --- What is answered

    def _get_response_bodies(self, direction: Any = "response") -> dict[str, Any]:
        answer = self._answer()
        good: dict[str, Any] = {}
        if answer.shape is not None:
            schema = self._schema(answer.shape, direction)
            if answer.pages:
                schema = self._page_of(schema)
            good["content"] = {answer.media: {"schema": schema}}
        for media in answer.or_media:
            said = {"type": "string", **({"format": "binary"} if media == ZIP else {})}
            good["content"][media] = {"schema": said}
        statuses = [answer.status, answer.or_status] if answer.or_status else [answer.status]
        codes = self._refusals()
        refused = {code: {"$ref": f"#/components/responses/Refused{code}"} for code in codes}
        fine = {str(one): {**good, "description": _GOOD[one]} for one in statuses}
        if answer.or_begun is not None:
            started = {answer.media: {"schema": self._schema(answer.or_begun, direction)}}
            fine["202"] = {"content": started, "description": _GOOD[202]}
        return {**fine, **refused}

    def _refusals(self) -> list[str]:
        codes = ["401", "403"] if self._scopes() else ["401"]
        if "{" in self.path or self.method == "POST" or hasattr(self.view, "required_parameters"):
            codes.append("404")
        if self.method != "GET":
            codes.append("409")
        return sorted(["400", *codes])

    def _page_of(self, rows: dict[str, Any]) -> dict[str, Any]:
        view: Any = self.view
        schema: dict[str, Any] = view.pagination_class().get_paginated_response_schema(rows)
        if "$ref" not in rows:
            return schema
        name = f"PageOf{rows['$ref'].rpartition('/')[2]}"
        kind = ResolvedComponent.SCHEMA
        component = ResolvedComponent(name, kind, schema=schema, object=name)  # type: ignore[no-untyped-call]
        self.registry.register_on_missing(component)
        return dict(component.ref)

    def _schema(self, shape: Any, direction: Any) -> dict[str, Any]:
        if isinstance(shape, dict):
            return shape
        ready: Any = force_instance(shape)  # type: ignore[no-untyped-call]
        if isinstance(ready, serializers.ListSerializer):
            return {"type": "array", "items": self._schema(ready.child, direction)}
        if not is_serializer(ready):
            return schema_of_type(shape, self.registry)
        return dict(self.resolve_serializer(ready, direction).ref)

    def _map_response_type_hint(self, method: Any) -> dict[str, Any]:
        function = getattr(method, "func", method)
        hint = inspect.get_annotations(function, eval_str=True).get("return", Any)
        about = {"description": _as_markdown(inspect.getdoc(function) or "")}
        return {**schema_of_type(hint, self.registry), **about}

    def _map_serializer_field(
        self, field: Any, direction: Any, bypass_extensions: bool = False
    ) -> dict[str, Any]:
        shapes = getattr(getattr(field, "parent", None), "json_shapes", {})
        if isinstance(field, JSONField) and field.field_name in shapes:
            return schema_of_type(shapes[field.field_name], self.registry)
        mapped = super()._map_serializer_field(field, direction, bypass_extensions)  # type: ignore[no-untyped-call]
        return dict(mapped)

    # --- What a view says of itself

    def _action(self) -> str:
        return str(getattr(self.view, "action", "") or self.method.lower())

    def _basename(self) -> str:
        return str(getattr(self.view, "basename", None) or self._action())

    def _scopes(self) -> list[str]:
        return scopes_of(self.view, self.method) if self._knows_tokens() else []

    def _knows_tokens(self) -> bool:
        names = {one.__class__.__name__ for one in self.view.get_authenticators()}
        return "TokenAuthentication" in names

    def _of_method(self, table: str) -> Any:
        """What is said of this action, by the view or by whatever it is made of."""
        exact = f"{self._action()}.{self.method.lower()}"
        for kind in self.view.__class__.__mro__:
            told = vars(kind).get(table, {})
            if exact in told or self._action() in told:
                return told.get(exact, told.get(self._action()))
        return None

    def _answer(self) -> Answer:
        told = self._of_method("answers")
        if told is not None:
            return told if isinstance(told, Answer) else Answer(told)
        shape = getattr(self.view, "serializer_class", None)
        usual = {
            "list": paged(shape),
            "retrieve": Answer(shape),
            "create": made(shape),
            "update": Answer(shape),
            "partial_update": Answer(shape),
            "destroy": Answer(None, 204),
        }
        if self._action() not in usual or (shape is None and self._action() != "destroy"):
            warn(f"nothing says what {self.method} {self.path} answers; say it in `answers`.")
        return usual.get(self._action(), Answer({}))

    def _own_words(self) -> str:
        method = getattr(self.view, self._action(), None)
        is_ours = getattr(method, "__module__", "").split(".")[0] not in ("rest_framework", "")
        return (inspect.getdoc(method) or "") if is_ours else ""

    def _said(self) -> str:
        if own := self._own_words():
            return own
        rows = getattr(self.view, "get_queryset", None)
        of_rows = inspect.getdoc(rows) or "" if self._action() == "list" else ""
        if self._action() == "retrieve":
            one = self._basename().replace("-", " ")
            return f"One {one}, by itself."
        return of_rows or inspect.getdoc(self.view.__class__) or ""


_GOOD = {
    200: "As asked for.",
    201: "It is there from now on.",
    202: "A worker does it from now on.",
    204: "Done; there is nothing to say.",
}


def _many(one: str) -> str:
    if one == "people":
        return one
    return f"{one[:-1]}ies" if one.endswith("y") else f"{one}s"


def _has_file(shape: Any) -> bool:
    ready: Any = force_instance(shape)  # type: ignore[no-untyped-call]
    fields = getattr(ready, "fields", {}) if is_serializer(ready) else {}
    return any(isinstance(one, serializers.FileField) for one in fields.values())


def _sentences(text: str) -> tuple[str, str]:
    """The first sentence without its full stop's follower, and everything behind it."""
    head, _, tail = text.partition("\n\n")
    first, dot, more = re.sub(r"\s+", " ", head).strip().partition(". ")
    return _as_markdown(first + ("." if dot else "")), "\n\n".join(
        part for part in (more, tail) if part
    )


def _as_markdown(text: str) -> str:
    return text.replace("``", "`")


class TokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token of a program."""

    target_class = "surveys.api.tokens.TokenAuthentication"
    name = "token"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """As a program sends it."""
        said = "`Authorization: Bearer counterpart_…`; the scopes it needs stand beside its name."
        return {"type": "http", "scheme": "bearer", "description": said}


class ParticipantScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The token in the address of a participant's own pages."""

    target_class = "surveys.api.participation.ParticipantToken"
    name = "participant"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:  # noqa: ARG002
        """As a participant's program sends it."""
        said = "`Participant TOKEN`, the token in the address of the participant's pages."
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": said}


def finished(result: dict[str, Any], **_context: Any) -> dict[str, Any]:
    """Add what holds of all: the shape of refusals, and what the resources are."""
    components = result["components"]
    components["schemas"]["Refusal"] = _REFUSAL
    content = {JSON: {"schema": {"$ref": "#/components/schemas/Refusal"}}}
    components["responses"] = {
        f"Refused{code}": {"description": text, "content": content}
        for code, text in REFUSALS.items()
    }
    result["info"]["description"] = ABOUT
    return result


_REFUSAL = {
    "type": "object",
    "description": "What every refusal says.",
    "required": ["code", "detail", "errors"],
    "properties": {
        "code": {"type": "string", "description": "For programs; it stays the same."},
        "detail": {"type": "string", "description": "For people, in the language they ask for."},
        "errors": {
            "type": "object",
            "description": "What is wrong: sentences by field, or mistakes each with its place.",
        },
        "mistakes": {
            "type": "array",
            "description": "Each mistake as data, where a strict model refused.",
            "items": {"type": "object"},
        },
    },
}
