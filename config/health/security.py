"""What the checks for deployment find, said to whoever operates the site.

Django says it in English, in words of its settings; here it is said by what is at stake and by
what to set. A check that has no sentence here is shown in its own words.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from django.core import checks
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.health.finding import Finding, State

# All of them hold where the address of the site does not begin with https.
WITHOUT_HTTPS = frozenset({"security.W004", "security.W008", "security.W012", "security.W016"})


class Said(NamedTuple):
    """What is looked at, how it is, and what to do."""

    name: Promise
    said: Promise
    advice: Promise


SAID = {
    "security.W009": Said(
        gettext_lazy("Secret key"),
        gettext_lazy("short or easy to guess: sign-ins can be forged"),
        gettext_lazy("Set SECRET_KEY to 50 random characters, or leave it out: one is made then."),
    ),
    "security.W018": Said(
        gettext_lazy("Debug mode"),
        gettext_lazy("on: errors show visitors the inside of the program"),
        gettext_lazy("Take DEBUG out of the environment and start the site anew."),
    ),
    "security.W020": Said(
        gettext_lazy("Host names"),
        gettext_lazy("none is answered"),
        gettext_lazy("Set ALLOWED_HOSTS to the host of SITE_URL."),
    ),
}


def security() -> Iterator[Finding]:
    """Everything that the checks remark, one thing each; that all is well where they do not."""
    found = checks.run_checks(tags=[checks.Tags.security], include_deployment_checks=True)
    plain = [one for one in found if one.id in WITHOUT_HTTPS]
    if plain:
        yield _without_https(plain)
    yield from (_in_words(one) for one in found if one not in plain)
    if not found:
        yield Finding(_("Settings"), _("nothing to remark"))


def _without_https(found: Sequence[checks.CheckMessage]) -> Finding:
    advice = _(
        "Let a proxy serve HTTPS, and set SITE_URL to its address with https://. On a laptop that "
        "nobody else reaches there is nothing to do."
    )
    codes = ", ".join(sorted(one.id or "" for one in found))
    said = _("off: passwords and answers can be read on their way")
    return Finding("HTTPS", said, "note", advice, codes)


def _in_words(one: checks.CheckMessage) -> Finding:
    state: State = "bad" if one.level >= checks.ERROR else "note"
    code = one.id or ""
    if told := SAID.get(code):
        return Finding(str(told.name), str(told.said), state, str(told.advice), code)
    return Finding(_("Settings"), one.msg, state, one.hint or "", code)
