"""What is said beside the results and what is kept from being printed.

The rules are those of ``analysis.compare.notices.withholding``. They are applied once more here, at
the door of the page, to whatever comparison is handed in: no caller can print a ranking, a p-value
or a difference that the results do not carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.compare.notices import withholding as refusals
from analysis.compare.notices.order import Forbids, forbidden_by, ranked
from analysis.compare.results import InvarianceVerdict, Notice, PathDifference
from analysis.language import SOURCE, language, ngettext
from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import NOT_RECORDED, listed
from analysis.report.words import FORBIDDEN


def applying(content: ReportContent) -> list[Notice]:
    """Every notice that applies, one by one: those handed in, then those the rules add.

    Stored sentences are English: in another language the rules say them again.
    """
    found = {_about(each): each for each in refusals.notices(content.comparison)}
    given = [
        each if language() == SOURCE else found.get(_about(each), each)
        for each in content.comparison.notices
    ]
    known = set(map(_about, given))
    return given + [each for about, each in found.items() if about not in known]


def _about(notice: Notice) -> tuple[str, str, str]:
    return notice.code, notice.group, notice.subject


@dataclass(frozen=True, slots=True)
class Said:
    """A notice as it is printed: its sentence, the labels of the groups it is about, its rank.

    Without labels it is about all.
    """

    sentence: str
    labels: tuple[str, ...]
    severity: str
    forbids: Forbids
    code: str

    @property
    def forbidden(self) -> str:
        """What it forbids, in words that the catalogue knows; empty where it forbids nothing."""
        return FORBIDDEN.get(self.forbids, "")

    @property
    def whom(self) -> str:
        """The groups it is about, in words."""
        return listed(self.labels, none=_("All groups"))


def said(content: ReportContent) -> list[Said]:
    """The notices as they are printed, the gravest first; what is equal is one line.

    Notices of one rule that say the same of several subjects of one group are joined, and groups of
    which the same is said share a line. Paths are called by their labels.
    """
    joined: dict[tuple[str, str, str], list[Notice]] = {}
    for each in ranked(applying(content)):
        same = each.sentence.replace(each.subject, "…") if each.subject else each.sentence
        joined.setdefault((each.code, each.group, same), []).append(each)
    alike: dict[tuple[str, str], list[Said]] = {}
    for notices in joined.values():
        made = _joined(content, notices)
        named = made.sentence.replace(made.labels[0], "…") if made.labels else made.sentence
        alike.setdefault((made.code, named), []).append(made)
    return [_shared(same) for same in alike.values()]


def said_by_group(content: ReportContent) -> list[tuple[str, list[Said]]]:
    """The same under the groups they are about, the group with the gravest first."""
    groups: dict[str, list[Said]] = {}
    for each in said(content):
        groups.setdefault(each.whom, []).append(each)
    return list(groups.items())


def _shared(same: Sequence[Said]) -> Said:
    """One line for groups of which the same is said."""
    first, labels = same[0], tuple(label for each in same for label in each.labels)
    if len(same) == 1:
        return first
    others = _("The same holds for {others}.").format(others=listed(labels[1:]))
    return replace(first, sentence=f"{first.sentence} {others}", labels=labels)


def _joined(content: ReportContent, same: Sequence[Notice]) -> Said:
    first = same[0]
    sentence = _with_labels(content, first.sentence)
    others = [_with_labels(content, each.subject) for each in same[1:] if each.subject]
    if models := _models_unnamed(content, same):
        sentence = f"{sentence} {models}"
    elif others:
        again = _("The same holds for {others}.").format(others=listed(dict.fromkeys(others)))
        sentence = f"{sentence} {again}"
    labels = tuple(group.label for group in content.groups if group.key == first.group)
    return Said(sentence, labels, first.severity, forbidden_by(first), first.code)


def _models_unnamed(content: ReportContent, same: Sequence[Notice]) -> str:
    """Which of several planned models notices are about that do not say it themselves."""
    planned = content.comparison.plan.models
    about = [each.subject for each in same if each.subject in planned]
    if len(planned) < 2 or not about or about[0] in same[0].sentence:
        return ""
    return ngettext(
        "This holds in the planned model {models}.",
        "This holds in the planned models {models}.",
        len(about),
    ).format(models=listed(about))


def _with_labels(content: ReportContent, words: str) -> str:
    """Path keys of the plan replaced by the labels of the paths, longest first."""
    for path in sorted(content.comparison.plan.paths, key=lambda path: -len(path.key)):
        words = words.replace(path.key, content.path_label(path))
    return words


def against_key(content: ReportContent) -> str:
    """Which scales hold items against their key, as it follows "high means the same"."""
    scales = [
        f"{content.construct_label(each.subject)} in {content.label(each.group)}"
        for each in applying(content)
        if each.code == "items_against_key"
    ]
    if not scales:
        return ""
    return _(", but for {scales}, where items run against their key").format(scales=listed(scales))


def ranking_refused(content: ReportContent) -> bool:
    """Whether no ranking of the models may be printed."""
    return refusals.withheld(applying(content), refusals.RANKING)


def p_values_refused(content: ReportContent, group: str) -> bool:
    """Whether the p-values of a group would count repeated sessions as independent."""
    return refusals.withheld(applying(content), refusals.P_VALUES, group)


def verdict_of(
    content: ReportContent, group: str, model: str | None = None
) -> InvarianceVerdict | None:
    """The invariance verdict of one group against the people, in a model or in the first one."""
    pair = {content.reference.key, group}
    found = (
        each
        for each in content.comparison.invariance
        if set(each.groups) == pair and model in (None, each.model)
    )
    return next(found, None)


def why_not_compared(content: ReportContent, difference: PathDifference) -> str:
    """Why the size of a path is not compared with the people's; empty where it is."""
    if not difference.comparable:
        return _(difference.reason.replace("_", " ") or NOT_RECORDED)
    model = content.comparison.plan.path(difference.path).model
    verdict = verdict_of(content, difference.group, model)
    if verdict is None:
        return _("invariance was not tested")
    if verdict.paths_comparable:
        return ""
    tested = verdict.steps and verdict.steps[-1].reason is None
    return _("metric invariance does not hold") if tested else _("invariance was not tested")
