"""What is said beside the results and what is kept from being printed.

The rules are those of ``analysis.compare.notices.withholding``. They are applied once more here, at
the door of the page, to whatever comparison is handed in: no caller can print a ranking, a p-value
or a difference that the results do not carry.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from analysis.compare.notices import withholding as refusals
from analysis.compare.results import InvarianceVerdict, Notice, PathDifference
from analysis.report.content import ReportContent
from analysis.report.typesetting.formatting import NOT_RECORDED, listed


def applying(content: ReportContent) -> list[Notice]:
    """Every notice that applies, one by one: those handed in, then those the rules add."""
    given = list(content.comparison.notices)
    known = {(each.code, each.group, each.subject) for each in given}
    found = refusals.notices(content.comparison)
    return given + [each for each in found if (each.code, each.group, each.subject) not in known]


def notices(content: ReportContent) -> list[Notice]:
    """The notices as they are printed, refusals first.

    Notices of one rule about one group are joined, paths are called by their labels, and a sentence
    that does not name the group it speaks of is given the group's name.
    """
    joined: dict[tuple[str, str], list[Notice]] = {}
    for each in applying(content):
        joined.setdefault((each.code, each.group), []).append(each)
    printed = [_joined(content, same) for same in joined.values()]
    return sorted(printed, key=lambda each: each.severity != "refusal")


def _joined(content: ReportContent, same: Sequence[Notice]) -> Notice:
    first = same[0]
    sentence = _with_labels(content, first.sentence)
    label = next((group.label for group in content.groups if group.key == first.group), "")
    if label and label not in sentence:
        sentence = f"{label}: {sentence}"
    others = [_with_labels(content, each.subject) for each in same[1:] if each.subject]
    if others:
        sentence = f"{sentence} The same holds for {listed(dict.fromkeys(others))}."
    return replace(first, sentence=sentence)


def _with_labels(content: ReportContent, words: str) -> str:
    """Path keys of the plan replaced by the labels of the paths, longest first."""
    for path in sorted(content.comparison.plan.paths, key=lambda path: -len(path.key)):
        words = words.replace(path.key, content.path_label(path))
    return words


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
        return difference.reason.replace("_", " ") or NOT_RECORDED
    model = content.comparison.plan.path(difference.path).model
    verdict = verdict_of(content, difference.group, model)
    if verdict is None:
        return "invariance was not tested"
    if verdict.paths_comparable:
        return ""
    tested = verdict.steps and verdict.steps[-1].reason is None
    return "metric invariance does not hold" if tested else "invariance was not tested"
