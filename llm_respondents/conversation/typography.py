"""What typography adds to a reply and changes nothing in what was said. Pure.

Invisible characters, full-width signs, curly quotes and Markdown's marks differ from model to
model; which of them a reply happens to use must not decide whether it is read.
"""

from __future__ import annotations

import re
import unicodedata

from surveys.instrument_files.marks import in_european_digits

# Byte-order mark, soft hyphen, zero-width spaces and joiners, marks of writing direction, what
# makes an emoji of a sign.
_INVISIBLE = dict.fromkeys(
    [
        0xFEFF, 0xAD, 0x61C, 0x180E, 0x20E3,
        *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
    ]
)  # fmt: skip
# Full-width forms of ASCII, as Chinese and Japanese are typed. Their commas and full stops end
# something: between digits they are no decimal point.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0x3002: ". ", 0xFF61: ". ", 0x3001: ", ", 0xFF0C: ", ", 0x060C: ", ", 0x2212: "-",
    0x2010: "-", 0x2011: "-", 0x2012: "-", 0xFE63: "-",
    ord("’"): "'", ord("ʼ"): "'", ord("‘"): "'", ord("‛"): "'",
}  # fmt: skip
_TABLE = _INVISIBLE | _FULL_WIDTH
# A mark between two digits is none of emphasis: "1*0" is no ten. What is struck out is taken back.
_EMPHASIS = re.compile(
    r"(?<![0-9*`])[*`]+|[*`]+(?![0-9*`])|(?<!\w)_+|_+(?!\w)|^\s*#{1,6}\s+", re.MULTILINE
)
_UNSEEN_ENDS = " \t\r\n\ufeff\u200b\u2060"
# What ends a turn in the templates of models, where a server lets it through.
_END_OF_TURN = re.compile(
    r"(?:\s*(?:<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|return)\|>|</s>"
    r"|<end_of_turn>|<eos>))+\s*\Z"
)
# What some models are trained to put around a final answer.
_WRAPPED = re.compile(
    r"<(?P<tag>answer|response|output|final_answer)>(?P<tagged>(?:(?!</?(?P=tag)).)*)</(?P=tag)>"
    r"|\$*\\boxed\{(?P<boxed>[^{}]*)\}\$*",
    re.DOTALL | re.IGNORECASE,
)
# What may stand around an answer: white space, quotes, final punctuation.
AROUND = " \t\r\n\"'“”„‟«»‹›‚「」『』.!"
# A full stop before a digit is a decimal point.
_AROUND = re.compile(rf"\A(?:[{AROUND.replace('.', '')}]|\.(?![0-9]))+|[{AROUND}]+\Z")
_TAGS = (
    r"(?:\w+:)?(?:think|thinking|thought|thoughts|reason|reasoning|reflection|analysis|scratch_?pad"
    r"|(?:inner_|internal_)?monologue)"
)
_MORE_IN_TAG = r"(?:\s[^<>]{0,100})?"
_THOUGHT = re.compile(
    rf"<(?P<tag>{_TAGS}){_MORE_IN_TAG}>(?P<thought>.*?)(?:</(?P=tag)\s*>|\Z)",
    re.DOTALL | re.IGNORECASE,
)
_UNENDED = re.compile(
    rf"<(?P<tag>{_TAGS}){_MORE_IN_TAG}>(?!.*</(?P=tag)\s*>)", re.DOTALL | re.IGNORECASE
)
# What chat templates of some models put around a thought, and around what is said behind it: each
# form as it opens and closes, and as tags that are read as all others are.
_OTHER_TAGS = (
    (re.compile(r"\[(/?)THINK\]|◁(/?)think▷|<\|(/?)think(?:ing)?\|>"), r"<\1\2\3think>"),
    (re.compile(r"<\|(?:START_THINKING|begin_of_thought)\|>"), "<think>"),
    (re.compile(r"<\|(?:END_THINKING|end_of_thought)\|>"), "</think>"),
    (re.compile(r"<\|channel\|>(?:analysis|commentary)[^<>]{0,100}<\|message\|>"), "<think>"),
    (re.compile(r"<\|end\|>(?=\s*<\|start\|>)"), "</think>"),
    (re.compile(r"(?:<\|start\|>assistant)?<\|channel\|>final<\|message\|>"), ""),
    (re.compile(r"<\|(?:START|END)_RESPONSE\|>|<\|(?:begin|end)_of_solution\|>"), ""),
)
_OF_TEMPLATES = re.compile(r"\[/?THINK\]|◁/?think▷|<\|")
# Where a chat template opens the thought, only its end is part of the reply.
_OPENED_BEFORE = re.compile(
    rf"\A(?P<thought>(?:(?!<{_TAGS}{_MORE_IN_TAG}>).)*?)</{_TAGS}\s*>", re.DOTALL | re.IGNORECASE
)


def unwrapped(text: str) -> str:
    """An answer without the tags or the box that stand around the whole of it."""
    found = _WRAPPED.fullmatch(text.strip())
    return found["tagged"] or found["boxed"] or "" if found else text


def whole(text: str) -> str:
    """A reply as it was meant to begin and end: signs stay, what ends a turn or is unseen goes."""
    return _END_OF_TURN.sub("", text).strip(_UNSEEN_ENDS)


def straight(text: str) -> str:
    """Straighten signs and digits, drop what cannot be seen, compose accents; words stay."""
    return in_european_digits(unicodedata.normalize("NFC", text.translate(_TABLE)))


def bare(text: str) -> str:
    """One line of words: straightened, without emphasis, white space joined, ends stripped."""
    return _AROUND.sub("", " ".join(_EMPHASIS.sub("", straight(text)).split()))


def without_thoughts(text: str) -> str:
    """A reply without what a model thought aloud between tags.

    A thought that never ends has no reply: it may take back what was said before it.
    """
    tagged = _in_tags(text)
    said, _ = apart(tagged)
    return "" if said is not tagged and _UNENDED.search(tagged) else said


def _in_tags(text: str) -> str:
    """A reply in which a thought stands between ``<think>`` and ``</think>`` in every form."""
    if not _OF_TEMPLATES.search(text):
        return text
    for form, tag in _OTHER_TAGS:
        text = form.sub(tag, text)
    return text


def apart(text: str) -> tuple[str, str]:
    """What was said in a reply, and what was thought aloud in it between tags, word for word."""
    thoughts: list[str] = []

    def take(found: re.Match[str]) -> str:
        thoughts.append(found["thought"])
        return ""

    tagged = _in_tags(text)
    if "<" not in tagged:
        return text, ""
    said = _THOUGHT.sub(take, _OPENED_BEFORE.sub(take, tagged))
    return (said.lstrip() if thoughts else text), "\n\n".join(thoughts)
