"""Splits model text into tokens; knows lines and columns and where a statement may continue."""

import re
from dataclasses import dataclass
from typing import Literal

from analysis.sem.errors import ModelSyntaxError
from analysis.sem.names import canonical

__all__ = ["Token", "TokenKind", "tokenize"]

TokenKind = Literal["name", "number", "text", "operator", "symbol", "end"]

_PATTERN = re.compile(
    r"""
    (?P<skip>[^\S\n]+ | [#!][^\n]*)
  | (?P<newline>\n | ;)
  | (?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)
  | (?P<name>\.?[^\W\d][\w.\u0300-\u036f]*)
  | (?P<text>"[^"\n]*"|'[^'\n]*')
  | (?P<operator>~\*~|=~|~~|<~|:=|==|<=|>=|~|\||<|>)
  | (?P<symbol>[-+*/^(),?:])
    """,
    re.VERBOSE,
)

# a line that ends with, or a next line that starts with, one of these goes on
_OPEN_BOTH = {"+", "*", "/", "^", ",", "=~", "~~", "~", "~*~", ":=", "==", "|", "?"}
_OPEN_BOTH |= {"<", ">", "<=", ">="}
_OPEN_END = _OPEN_BOTH | {"-", "("}
_OPEN_START = _OPEN_BOTH | {")"}


@dataclass(frozen=True, slots=True)
class Token:
    """A word of the model text, with its place (both counted from 1)."""

    kind: TokenKind
    text: str
    line: int
    column: int

    def describe(self) -> str:
        """The token as an error message shows it."""
        return "the end of the statement" if self.kind == "end" else f"`{self.text}`"


def tokenize(source: str) -> list[list[Token]]:
    """The statements of `source`, each a list of tokens closed by one of kind "end".

    Letters with accents are composed (NFC), and any blank, such as a no-break space, separates.
    Raises ModelSyntaxError at a character that starts no token.
    """
    statements: list[list[Token]] = []
    current: list[Token] = []
    for token in _raw_tokens(canonical(source)):
        if token.kind != "end":
            if current and current[-1].kind == "end":
                if _continues(current, token):
                    current.pop()
                else:
                    statements.append(current)
                    current = []
            current.append(token)
        elif current and current[-1].kind != "end" and not _is_open(current, token):
            current.append(token)
    if current:
        if current[-1].kind != "end":
            last = current[-1]
            current.append(Token("end", "", last.line, last.column + len(last.text)))
        statements.append(current)
    return statements


def _is_open(current: list[Token], end: Token) -> bool:
    """True where a newline cannot end the statement: open bracket or dangling operator."""
    depth = sum((t.text == "(") - (t.text == ")") for t in current if t.kind == "symbol")
    return end.text == "\n" and (depth > 0 or current[-1].text in _OPEN_END)


def _continues(current: list[Token], token: Token) -> bool:
    return current[-1].text == "\n" and token.kind != "text" and token.text in _OPEN_START


def _raw_tokens(source: str) -> list[Token]:
    tokens: list[Token] = []
    position, line, line_start = 0, 1, 0
    while position < len(source):
        match = _PATTERN.match(source, position)
        column = position - line_start + 1
        if match is None:
            raise ModelSyntaxError(
                line=line,
                column=column,
                token=f"`{source[position]}`",
                expected="a name, a number or one of =~ ~ ~~ | ~*~ := ==",
            )
        kind = match.lastgroup
        if kind == "newline":
            tokens.append(Token("end", match.group(), line, column))
        elif kind != "skip":
            tokens.append(Token(kind, match.group(), line, column))  # type: ignore[arg-type]  # the pattern's group names are the kinds
        position = match.end()
        if match.group() == "\n":
            line, line_start = line + 1, position
    return tokens
