"""What lavaan's language has and this package does not, each with the way round."""

from collections.abc import Sequence

from analysis.sem.errors import UnsupportedSyntaxError
from analysis.sem.model.language.tokens import Token

__all__ = ["refuse_unsupported"]

_FORMATIVE = (
    "formative indicators (`<~`) are",
    "write the composite as `c =~ 0`, `c ~ 1*x1 + x2` and `c ~~ 0*c`, or compute it as a column",
)
_LEVEL = (
    "multilevel models (`level:`) are",
    "give the ids as `cluster=` for standard errors that allow for clusters",
)
_MODIFIERS = {
    "efa": ("`efa()` blocks are", "write the loadings that are wanted, and fix the others by 0*x"),
    "rv": ("random slopes (`rv()`) are", "use an interaction `x:z` with what the slope depends on"),
    "lower": ("`lower()` is", "label the parameter and write a bound such as `a > 0`"),
    "upper": ("`upper()` is", "label the parameter and write a bound such as `a < 1`"),
    "prior": ("priors are", "leave `prior()` out: estimation is by likelihood or least squares"),
}


def refuse_unsupported(tokens: Sequence[Token]) -> None:
    """Raises UnsupportedSyntaxError at the first such word of a statement."""
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        found: tuple[str, str] | None = None
        if token.kind == "operator" and token.text == "<~":
            found = _FORMATIVE
        elif following is not None and following.text == ":" and token is tokens[0]:
            found = _LEVEL if token.text == "level" else None
        elif following is not None and following.text == "(":
            found = _MODIFIERS.get(token.text)
        if found:
            what, instead = found
            raise UnsupportedSyntaxError(
                line=token.line,
                column=token.column,
                token=token.describe(),
                what=what,
                instead=instead,
            )
