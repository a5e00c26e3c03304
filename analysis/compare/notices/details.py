"""What the engine and the ladder said of a step, in the language of a document.

A comparison keeps their sentences as they were said, in English; a document says them again. A
sentence is known by its words, and what stands in its braces is kept as it is.
"""

import re
from functools import cache, partial

from analysis.compare.results import Reason
from analysis.language import SOURCE, digits, ends, gettext, language
from analysis.language import gettext_noop as _

SENTENCES = (
    # A fit that came back, and cannot be used.
    _(
        "the optimizer did not find a solution in {iterations} iterations (largest gradient "
        "{gradient}, next step {distance} standard errors); give starting values with start(), "
        "simplify the model, or rescale variables whose variances differ by orders of magnitude"
    ),
    _("some variances are estimated negative:"),
    _("the solution is inadmissible (look for a factor with two indicators, outliers or a misfit)"),
    _("the covariance matrix of latent variables is not positive definite"),
    _("a correlation beyond one or a negative variance"),
    _("the covariance matrix of residuals is not positive definite"),
    _(
        "some standard errors could not be computed: the information matrix is not positive "
        "definite at the solution, which may be a saddle point or barely identified"
    ),
    _("no standard error of"),
    _(
        "residual variances of ordered items ({items}) are no parameters of the delta "
        "parameterisation; only those of continuous variables were set equal"
    ),
    _('(parameterization="theta" ties all)'),
    _(
        "the estimates lie on the bounds {bounds}: standard errors take these for equations, and "
        "χ² keeps the degrees of freedom of the model without bounds, so that its p value is "
        "approximate"
    ),
    _(
        "{parameter} is not defined at the estimates (the logarithm, root or power of a negative "
        "number, or a division by zero); it is given as missing"
    ),
    # A fit that was refused.
    _("no admissible starting values: check values fixed or given"),
    _("the model is not identified: {parameters} cannot be told apart"),
    _("({count} flat direction)"),
    _("({count} flat directions)"),
    _("({count} flat direction; the model has {missing} more parameters than moments)"),
    _("({count} flat directions; the model has {missing} more parameters than moments)"),
    _("fix one of them, set them equal, or add indicators"),
    _("data contain no usable row in group {group}"),
    _(
        "{item} is missing in every row of group {group}; leave it out of that group's model "
        "(a `group:` block)"
    ),
    _("some variables have no variance in group"),
    _("leave them out of that group's model (a `group:` block) or drop the group"),
    _("sample covariance matrix is not positive-definite in group {group}:"),
    _("{rows} rows for {variables} variables; collect more rows or use fewer items"),
    _("only {distinct} of {rows} rows are distinct, for {variables} variables"),
    _("some variable is a linear combination of others; leave one of them out"),
    _("no unrestricted solution"),
    _(
        "{first} and {second} are never seen in one row of group {group}; their covariance cannot "
        "be estimated"
    ),
    _(
        "{first} and {second} are never seen in one row of group {group}; their correlation cannot "
        "be estimated"
    ),
    _(
        "no complete row is left in group {group}: use missing='pairwise', or leave out the "
        "variables nobody answered"
    ),
    _(
        "group {group} is one single cluster, which tells nothing about sampling error; leave "
        "`cluster` out, or give ids that differ within the group"
    ),
    _("some categories of variable {item} are empty in group {group}; frequencies are"),
    _("merge the category with its neighbour in every group"),
    _("leave the variable out, no merging helps"),
    _("merge {categories} in all groups"),
    _(', or use estimator="MLR"'),
    _(
        "{first} and {second} order the respondents of group {group} alike, so their polychoric "
        "correlation has no maximum inside (-1, 1); drop one of them"
    ),
    _(
        "the covariates are constant or copies of one another in group {group}; leave one of them "
        "out"
    ),
    _(
        "the covariates foretell the answers to {item} in group {group} without error, so its "
        "probit regression has no maximum; leave a covariate out or merge categories"
    ),
    _("The arithmetic broke down:"),
    # What a screen found where the engine gave up.
    _(
        "{rows} complete rows for {variables} variables{where}: their covariance matrix cannot be "
        "inverted; collect more rows, use parcels, or full-information estimation if answers are "
        "missing"
    ),
    _("{items} are copies or sums of each other{where}: leave one out"),
    # The ladder.
    _("the model does not fit acceptably:"),
    _("the model has {numbers}; whether it fits cannot be told at this n"),
    _("keeps {left} of {all} indicators"),
    _("no reliability is known for"),
    _("not tried: the people stand on composite"),
    _("not tried: the people stand on single indicator"),
    _("in group"),
)
_PLACE = re.compile(r"\{(\w+)\}")
# Numbers as they were said: with a point, without a zero before it where they cannot exceed 1.
_NUMBER = re.compile(r"(?<![\w.])-?\d*\.\d+(?![\w.])")
_INTERVAL = re.compile(r"\[([-−.\d]+), ([-−.\d]+)\]")
# What may stand in several words, or in none; everything else is one word.
_LISTS = {"bounds", "categories", "items", "numbers", "parameter", "parameters", "where"}


def detail_in_words(detail: str) -> str:
    """The sentence in the language being written; what is not known of it stays as it was said."""
    if language() == SOURCE:
        return detail
    for template, pattern in _patterns():
        detail = pattern.sub(partial(_again, template), detail)
    detail = _INTERVAL.sub(lambda found: ends(*found.groups()), detail)
    return _NUMBER.sub(_number_again, detail)


def _number_again(found: re.Match[str]) -> str:
    sign, number = ("-", found[0][1:]) if found[0].startswith("-") else ("", found[0])
    return digits(f"{sign}{'0' if number.startswith('.') else ''}{number}")


def _again(template: str, found: re.Match[str]) -> str:
    return gettext(template).format(**found.groupdict())


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Every sentence with what finds it; reasons stand before the items that they are given for."""
    reasons = tuple(reason.sentence for reason in Reason)
    return tuple((each, _pattern(each)) for each in (*SENTENCES, *reasons))


def _pattern(template: str) -> re.Pattern[str]:
    parts = _PLACE.split(template)
    written = [re.escape(part) if n % 2 == 0 else _place(part) for n, part in enumerate(parts)]
    start, end = (r"\b" if each.isalpha() else "" for each in (template[0], template[-1]))
    return re.compile(f"{start}{''.join(written)}{end}")


def _place(name: str) -> str:
    return f"(?P<{name}>.*?)" if name in _LISTS else rf"(?P<{name}>[^\s;()]+)"
