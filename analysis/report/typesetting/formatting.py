"""How a number becomes text, once for tables, running text and figures.

The rules are those of the APA Publication Manual (7th ed., 6.36-6.44): no zero before the point of
a statistic that cannot exceed 1, a true minus sign, p exact to three decimals and "< .001" below.
German has a comma, keeps the zero, and puts a semicolon between the ends of an interval.
A number that does not exist is a sentence, never a blank and never a dash.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import isfinite

from analysis.language import bounded_digits, digits, ends, gettext_noop
from analysis.language import gettext as _
from analysis.language import percent as percent_of

NOT_ESTIMABLE = gettext_noop("not estimable")
NOT_RECORDED = gettext_noop("not recorded")
# Words that stand alone in a cell; they are said in the language of the document where it is set.
FIXED_WORDS = frozenset(
    {
        NOT_ESTIMABLE,
        NOT_RECORDED,
        gettext_noop("n/a"),
        gettext_noop("none"),
        gettext_noop("yes"),
        gettext_noop("no"),
        gettext_noop("withheld"),
        gettext_noop("fixed"),
        gettext_noop("free"),
        gettext_noop("not compared"),
        gettext_noop("not tested"),
        gettext_noop("cannot tell"),
        gettext_noop("reported"),
        gettext_noop("reported in part"),
    }
)


def decimal(value: float | None, places: int = 2) -> str:
    """A number on an open scale, as "12.30" or "−0.45".

    None and non-finite values read "not estimable": no statistic leaves the engine as NaN unless
    it could not be had.
    """
    if value is None or not isfinite(value):
        return NOT_ESTIMABLE
    return digits(f"{value:,.{places}f}")


def bounded(value: float | None, places: int = 2) -> str:
    """A statistic that cannot exceed 1 in size, without the leading zero: ".07", "−.16"."""
    if value is None or not isfinite(value):
        return NOT_ESTIMABLE
    return bounded_digits(f"{value:,.{places}f}")


def count(value: int | None) -> str:
    """A number of things, grouped in thousands; unknown reads "not recorded"."""
    return NOT_RECORDED if value is None else digits(f"{value:,d}")


def percent(share: float | None, places: int = 0) -> str:
    """A share between 0 and 1 as a percentage."""
    if share is None or not isfinite(share):
        return NOT_RECORDED
    return percent_of(share, places)


def p_value(p: float | None) -> str:
    """A p-value for a table cell: ".032", "< .001", "> .999"."""
    if p is None or not isfinite(p):
        return NOT_ESTIMABLE
    if p < 0.001:
        return f"< {bounded(0.001, 3)}"
    return f"> {bounded(0.999, 3)}" if p > 0.999 else bounded(p, 3)


def p_clause(p: float | None) -> str:
    """A p-value for running text: "p = .032", "p < .001"."""
    text = p_value(p)
    if text == NOT_ESTIMABLE:
        return f"p {text}"
    return f"p {text}" if text[0] in "<>" else f"p = {text}"


def interval(
    bounds: tuple[float, float] | None, places: int = 2, *, open_scale: bool = False
) -> str:
    """A confidence interval as "[−.26, −.07]"; ``open_scale`` keeps leading zeros."""
    if bounds is None or not all(isfinite(bound) for bound in bounds):
        return NOT_ESTIMABLE
    write = decimal if open_scale else bounded
    return ends(write(bounds[0], places), write(bounds[1], places))


def estimate_with_interval(
    value: float | None, bounds: tuple[float, float] | None, places: int = 2
) -> str:
    """An estimate and its interval as "−.16 [−.25, −.08]"."""
    if value is None:
        return NOT_ESTIMABLE
    point = bounded(value, places)
    return point if bounds is None else f"{point} {interval(bounds, places)}"


def chi_square(value: float | None, df: int | None) -> str:
    """A χ² statistic with its degrees of freedom: "χ²(12) = 58.95"."""
    if value is None or df is None:
        return f"χ² {NOT_ESTIMABLE}"
    return f"χ²({count(df)}) = {decimal(value)}"


def recorded(text: str | None) -> str:
    """The text, or "not recorded" where there is none: a reader must see that it is missing."""
    return text.strip() if text and text.strip() else NOT_RECORDED


def listed(words: Iterable[str], *, none: str = "none") -> str:
    """Words as a list: "a", "a and b", "a, b and c"."""
    parts = [word for word in words if word]
    if not parts:
        return _(none)
    if len(parts) == 1:
        return parts[0]
    return _("{first} and {last}").format(first=", ".join(parts[:-1]), last=parts[-1])


def counted(number: int, singular: str, plural: str | None = None) -> str:
    """A number with its noun: "1 person", "300 people"."""
    return f"{count(number)} {singular if number == 1 else plural or singular + 's'}"
