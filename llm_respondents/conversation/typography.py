"""What typography adds to a reply and changes nothing in what was said. Pure.

Invisible characters, full-width signs, curly quotes and Markdown's marks differ from model to
model; which of them a reply happens to use must not decide whether it is read.
"""

from __future__ import annotations

import re
import unicodedata

# Byte-order mark, soft hyphen, zero-width spaces and joiners, marks of writing direction, what
# makes an emoji of a sign.
_INVISIBLE = dict.fromkeys(
    [
        0xFEFF, 0xAD, 0x61C, 0x180E, 0x20E3,
        *range(0x200B, 0x2010), *range(0x202A, 0x202F), *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
    ]
)  # fmt: skip
# Full-width forms of ASCII, as Chinese and Japanese are typed; their full stop and comma.
_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {
    0x3000: " ", 0x3002: ".", 0xFF61: ".", 0x3001: ",", 0x2212: "-",
    ord("’"): "'", ord("ʼ"): "'", ord("‘"): "'", ord("‛"): "'",
}  # fmt: skip
_TABLE = _INVISIBLE | _FULL_WIDTH
_EMPHASIS = re.compile(r"\*+|`+|(?<!\w)_+|_+(?!\w)|~~|^\s*#{1,6}\s+", re.MULTILINE)
# What ends a turn in the templates of models, where a server lets it through.
_END_OF_TURN = re.compile(
    r"(?:\s*(?:<\|(?:im_end|eot_id|eom_id|end|endoftext|end_of_text|return)\|>|</s>"
    r"|<end_of_turn>|<eos>))+\s*\Z"
)
# What may stand around an answer: white space, quotes, final punctuation.
AROUND = " \t\r\n\"'“”„‟«»‹›‚「」『』.!"
_TAGS = "think|thinking|thought|thoughts|reasoning|reflection|analysis|scratchpad"
_THOUGHT = re.compile(
    rf"<(?P<tag>{_TAGS})>(?P<thought>.*?)(?:</(?P=tag)>|\Z)", re.DOTALL | re.IGNORECASE
)
# Where a chat template opens the thought, only its end is part of the reply.
_OPENED_BEFORE = re.compile(
    rf"\A(?P<thought>(?:(?!<(?:{_TAGS})>).)*?)</(?:{_TAGS})>", re.DOTALL | re.IGNORECASE
)


def straight(text: str) -> str:
    """Straighten signs, drop what cannot be seen or ends a turn, compose accents; words stay."""
    return unicodedata.normalize("NFC", _END_OF_TURN.sub("", text).translate(_TABLE))


def bare(text: str) -> str:
    """One line of words: straightened, without emphasis, white space joined, ends stripped."""
    return " ".join(_EMPHASIS.sub("", straight(text)).split()).strip(AROUND)


def without_thoughts(text: str) -> str:
    """A reply without what a model thought aloud between tags; an unclosed thought has no reply."""
    return apart(text)[0]


def apart(text: str) -> tuple[str, str]:
    """What was said in a reply, and what was thought aloud in it between tags, word for word."""
    thoughts: list[str] = []

    def take(found: re.Match[str]) -> str:
        thoughts.append(found["thought"])
        return ""

    if "<" not in text:
        return text, ""
    said = _THOUGHT.sub(take, _OPENED_BEFORE.sub(take, text))
    return (said.lstrip() if thoughts else text), "\n\n".join(thoughts)
