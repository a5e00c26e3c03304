"""What is said of parameters, resources and refusals in the description of REST."""

from typing import Any

_TEXT: dict[str, Any] = {"type": "string"}
_NUMBER: dict[str, Any] = {"type": "integer", "minimum": 0}

# Name of a parameter behind the question mark -> its schema and what it does.
QUERY: dict[str, tuple[dict[str, Any], str]] = {
    "study": (_TEXT, "The `slug` of a study: only what belongs to it."),
    "archived": ({"enum": ["true", "false"]}, "`true` lists the studies that were archived."),
    "form": (
        {"enum": ["json", "toml", "zip"]},
        "`toml` for the study as its file, `zip` with its instruments and what they show.",
    ),
    "slug": (_TEXT, "The name of an instrument: only its versions."),
    "q": (_TEXT, "What is looked for: words, or a completion code or id of a person."),
    "language": (_TEXT, "A language, such as `en`."),
    "kind": ({"enum": ["human", "llm"]}, "Only people, or only sessions of models."),
    "administration": (_NUMBER, "The `id` of one passage through a study."),
    "outcome": (_TEXT, "Only those that ended this way."),
    "link": (_NUMBER, "The `id` of a recruiting link: only those who came through it."),
    "search": (_TEXT, "Words that a request or a reply holds."),
    "flag": (_TEXT, "Only calls, or people, that carry this flag; of people also `any`, `open`."),
    "question": (_TEXT, "The reference of a question: only calls that asked it."),
    "reason": (
        {"type": "array", "items": {"type": "string"}},
        "For which reasons questions were lost; any number of them.",
    ),
}

# Name of a part of an address -> its schema and what it names.
PATH: dict[str, tuple[dict[str, Any], str]] = {
    "id": (_NUMBER, "The `id` of the row."),
    "slug": (_TEXT, "The `slug` of the study."),
    "number": (_NUMBER, "The number of the session in its panel, from 1."),
    "place": (_NUMBER, "The place of the reply in the sample, from 1."),
    "list_id": (_NUMBER, "The `id` of the list of links."),
    "mail_id": (_NUMBER, "The `id` of the mail."),
    "username": (_TEXT, "The name of the member's account."),
    "invitation_id": (_NUMBER, "The `id` of the invitation."),
    "other": (_NUMBER, "The `id` of the other run."),
}

REFUSALS = {
    "400": "Something that was sent cannot be used; `errors` says what, by field or by place.",
    "401": "Nobody is known by what was sent, or nothing was sent.",
    "403": "The user or the token may not do that; the code `out_of_scope` names the scope.",
    "404": "There is no such thing among what the user may see.",
    "409": "The use case said no in this state; `code` and `detail` say why.",
}

ABOUT = """\
The same questionnaires for people and language models, and a comparison of how attitudes predict
actions in both.

A program sends a token: `Authorization: Bearer counterpart_…`. Its user makes it on the page
*Tokens of programs* or by `manage.py create_token`, with the scopes that it needs: `read`, `write`,
`people` (answers and ids of people) and `spend` (whatever lets models be asked).

- Lists come in pages; `next` is the address of the rest.
- Every refusal has one shape: a `code` for programs, a sentence in `detail`, and `errors`.
- A POST with an `Idempotency-Key` can be sent again: its work is done once.
- An answer to a GET has an `ETag`; with `If-None-Match` an unchanged one is a 304 without content.
- What takes long is a job: the answer is 202, and `/api/jobs/<id>/` says how far it is.
- What models answered is labelled so (`provenance`, `kind`); people and sessions are never added
  together.
"""
