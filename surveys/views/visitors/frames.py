"""Pages that their templates render once for everybody who is shown the same.

What is somebody's own on a page, such as its address and the key of its form, is rendered as a
stand-in and filled in for each person. Stand-ins are drawn by the process, so that no text of a
study holds one.
"""

import re
import secrets
from collections.abc import Hashable, Mapping
from functools import lru_cache

from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

# Of letters and digits: it stays as it is in an address and in a sentence.
_MARK = secrets.token_hex(16)
_STAND_IN = re.compile(f"{_MARK}([a-z_]+?){_MARK}")


def framed(template: str, same: Mapping[str, Hashable], own: Mapping[str, str]) -> SafeString:
    """`template` with what is the `same` for many and what is somebody's `own`.

    A template prints what is somebody's own, also in an address, and asks nothing about it. What is
    the same is kept, and holds nobody's words.
    """
    parts = _frame(template, get_language(), tuple(same.items()), tuple(own))
    filled = list(parts)
    filled[1::2] = (conditional_escape(own[name]) for name in parts[1::2])
    return mark_safe("".join(filled))  # noqa: S308 - a template's, and escaped


@lru_cache(maxsize=1024)
def _frame(
    template: str,
    language: str,  # noqa: ARG001 - that of the words around
    same: tuple[tuple[str, Hashable], ...],
    own: tuple[str, ...],
) -> tuple[str, ...]:
    """The texts of a rendered template, and between each two the name of what stands there."""
    stand_ins = {name: f"{_MARK}{name}{_MARK}" for name in own}
    return tuple(_STAND_IN.split(render_to_string(template, {**dict(same), **stand_ins})))


def forget_frames() -> None:
    """Empty what is kept, as a new process has it."""
    _frame.cache_clear()
