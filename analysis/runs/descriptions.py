"""What a report says of the data beside the comparison: flows, missing answers, distributions.

Described when the analysis runs and stored with it, so that a report printed later speaks of the
same data.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from analysis.compare.plan import Plan
from analysis.plans.drafts import Exclusions
from analysis.plans.exclusions import (
    ALWAYS_PRINTED,
    NOBODY_TIMED,
    NOT_RECORDED,
    OF_PAGES,
    RULES,
    cutoffs,
    for_models,
)
from analysis.plans.signals import is_recorded
from analysis.runs.answers import AnswerSheet
from analysis.runs.datasheet import (
    AnswerDistribution,
    Correlations,
    Delivery,
    DemographicRow,
    Exclusion,
    ItemMissing,
    MissingPattern,
    ModelFlow,
    PeopleFlow,
    SetAside,
)
from analysis.runs.frames import ScoredFrame
from analysis.runs.snapshot import StudySnapshot
from surveys.models import Administration, Consent, Kind, Respondent, RespondentGroup
from surveys.selectors import group_in_wave, person_fields, respondent_flows
from surveys.selectors.counting import begun_sessions

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

# Patterns beyond the commonest few tell a reader nothing that the item table does not.
PATTERNS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class DataDescription:
    """Everything printed about the data of one run, group by group."""

    people_flow: tuple[PeopleFlow, ...]
    model_flow: tuple[ModelFlow, ...]
    missing: tuple[ItemMissing, ...]
    missing_patterns: tuple[MissingPattern, ...]
    distributions: tuple[AnswerDistribution, ...]
    correlations: tuple[Correlations, ...]
    demographics: tuple[DemographicRow, ...]
    # Runs of earlier versions did not record these.
    deliveries: tuple[Delivery, ...] = ()
    set_aside: tuple[SetAside, ...] = ()


def describe(
    *,
    snapshot: StudySnapshot,
    plan: Plan,
    sheet: AnswerSheet,
    frame: ScoredFrame,
    groups: Sequence[RespondentGroup],
    rules: Exclusions,
) -> DataDescription:
    """Describe the frame that is analysed, and whom `rules` left out of it."""
    bounds = cutoffs(rules)
    of_models = for_models(rules, bounds)
    people = [group for group in groups if group.kind == Kind.HUMAN]
    models = [group for group in groups if group.kind == Kind.LLM]
    flows = respondent_flows(snapshot.study)
    begun = begun_sessions(models) if models else {}
    consents = _consents(groups)
    return DataDescription(
        people_flow=tuple(
            _people_flow(
                _over_waves(flow, sheet) if plan.waves else flow,
                group.key,
                frame,
                _for_people(bounds, flow, group, sheet),
                plan,
            )
            for group, flow in ((one, flows[one.pk]) for one in people)
        ),
        model_flow=tuple(
            _model_flow(flows[group.pk], begun.get(group.pk, 0), group.key, frame, of_models)
            for group in models
        ),
        missing=tuple(_missing(frame, groups, plan)),
        missing_patterns=tuple(_patterns(frame, groups, plan)),
        distributions=tuple(_distributions(frame, groups, plan)),
        correlations=tuple(_correlations(frame, group.key, plan) for group in groups),
        demographics=tuple(_demographics(snapshot, frame, plan.reference_group)),
        deliveries=tuple(_delivery(group.key, sheet, frame, consents) for group in groups),
        set_aside=tuple(
            SetAside(group.key, group.label, group.provenance, group.set_aside_because)
            for group in snapshot.groups
            if group.set_aside
        ),
    )


def _exclusions(frame: ScoredFrame, group: str, bounds: Mapping[str, str]) -> tuple[Exclusion, ...]:
    counts = frame.excluded.get(group, {})
    return tuple(
        Exclusion(words, counts.get(rule, 0), bounds.get(rule, ""))
        for rule, words in RULES.items()
        if rule in ALWAYS_PRINTED or rule in bounds or rule in counts
    )


def _for_people(
    bounds: Mapping[str, str], flow: Mapping[str, int], group: RespondentGroup, sheet: AnswerSheet
) -> dict[str, str]:
    """Where the rules end for a group of people, or why one cannot be applied to it."""
    found = dict(bounds)
    if not flow["on_pages"]:
        found["too_fast"] = NOBODY_TIMED
    signals = sheet.signals or {}
    of_group = [
        signals[one.administration]
        for one in sheet.sessions
        if one.group == group.key and one.administration in signals
    ]
    for rule in OF_PAGES:
        if rule != "too_fast" and rule in found:
            recorded = any(is_recorded(rule, one) for one in of_group)
            found[rule] = found[rule] if recorded else NOT_RECORDED
    return found


def _over_waves(flow: Mapping[str, int], sheet: AnswerSheet) -> dict[str, int]:
    """How many completed any wave, each counted once; the rest is known of each wave alone."""
    completed = Administration.Status.COMPLETED
    done = {one.person for one in sheet.sessions if one.status == completed}
    unknown = dict.fromkeys(("on_pages", "withdrawn", "erased"), 0)
    return {**flow, **unknown, "asked": max(1, flow["asked"]), "completed": len(done)}


def _excluded_in_waves(
    frame: ScoredFrame, group: str, bounds: Mapping[str, str], plan: Plan
) -> Iterator[Exclusion]:
    """Whom the rules left out, wave by wave: somebody can be left out of one and kept in another.

    A rule that left nobody out is named once.
    """
    for wave in plan.waves or (0,):
        for one in _exclusions(frame, group_in_wave(group, wave), bounds):
            if one.count or wave == (plan.waves or (0,))[0]:
                yield replace(one, wave=wave)


def _people_flow(
    flow: Mapping[str, int],
    group: str,
    frame: ScoredFrame,
    bounds: Mapping[str, str],
    plan: Plan,
) -> PeopleFlow:
    """Who began elsewhere, declined there or took it back there is not known here."""
    on_pages = flow["on_pages"] == flow["asked"]
    return PeopleFlow(
        group=group,
        # Page loads are counted, visitors are not: without cookies nobody can tell them apart.
        visited=None,
        started=flow["consented"] + flow["declined"] if on_pages else None,
        consented=flow["consented"] if on_pages else None,
        completed=flow["completed"],
        kept=int((frame.group == group).sum()),
        declined=flow["declined"] if on_pages else None,
        withdrawn=flow["withdrawn"] if on_pages or flow["withdrawn"] else None,
        erased=flow["erased"] if on_pages or flow["erased"] else None,
        exclusions=tuple(_excluded_in_waves(frame, group, bounds, plan)),
    )


def _model_flow(
    flow: Mapping[str, int], begun: int, group: str, frame: ScoredFrame, bounds: Mapping[str, str]
) -> ModelFlow:
    return ModelFlow(
        group=group,
        recruited=flow["asked"],
        begun=begun,
        finished=flow["completed"],
        kept=int((frame.group == group).sum()),
        exclusions=_exclusions(frame, group, bounds),
    )


def _consents(groups: Sequence[RespondentGroup]) -> dict[int, str]:
    """Respondent -> the consent text agreed to, "version language"."""
    given = Consent.objects.filter(respondent__group__in=groups, given=True)
    rows = given.values_list("respondent_id", "text__version", "text__language")
    return {pk: f"{version} {language}" for pk, version, language in rows}


def _delivery(
    group: str, sheet: AnswerSheet, frame: ScoredFrame, consents: Mapping[int, str]
) -> Delivery:
    kept = set(frame.respondent[frame.group == group].tolist())
    rows = [row for row, one in enumerate(sheet.sessions) if one.respondent in kept]
    sessions = [sheet.sessions[row] for row in rows]
    here = [row for row in rows if not sheet.sessions[row].imported]
    days = sorted(sheet.sessions[row].started_at.date().isoformat() for row in here)
    return Delivery(
        group=group,
        respondents=len(rows),
        on_pages=sum(one.on_pages for one in sessions),
        imported=len(rows) - len(here),
        languages=_tally(one.language for one in sessions),
        scale_directions=_tally(sheet.sessions[row].scale_direction for row in here),
        consents=_tally(consents[one.respondent] for one in sessions if one.respondent in consents),
        block_orders=_tally(" ".join(sheet.block_order(row)) for row in here),
        days=tuple(dict.fromkeys((days[0], days[-1]))) if days else (),
    )


def _tally(values: Iterable[str]) -> dict[str, int]:
    """Counts, the most frequent first."""
    found = Counter(values)
    return dict(sorted(found.items(), key=lambda row: (-row[1], row[0])))


def _missing(
    frame: ScoredFrame, groups: Sequence[RespondentGroup], plan: Plan
) -> Iterator[ItemMissing]:
    for group in groups:
        asked = int((frame.group == group.key).sum())
        for item in plan.items:
            if reasons := frame.missing.get((group.key, item.name)):
                yield ItemMissing(group.key, item.name, asked, dict(sorted(reasons.items())))


def _patterns(
    frame: ScoredFrame, groups: Sequence[RespondentGroup], plan: Plan
) -> Iterator[MissingPattern]:
    import numpy as np

    names = [item.name for item in plan.items]
    for group in groups:
        rows = frame.group == group.key
        absent = np.isnan(np.column_stack([frame.items[name][rows] for name in names]))
        counts = Counter(
            tuple(name for name, gone in zip(names, row, strict=True) if gone) for row in absent
        )
        counts.pop((), None)
        for items, count in sorted(counts.items(), key=lambda row: (-row[1], row[0]))[
            :PATTERNS_SHOWN
        ]:
            yield MissingPattern(group.key, items, count)


def _distributions(
    frame: ScoredFrame, groups: Sequence[RespondentGroup], plan: Plan
) -> Iterator[AnswerDistribution]:
    import numpy as np

    for group in groups:
        rows = frame.group == group.key
        for item in plan.items:
            values = frame.given[item.name][rows]
            answered = values[np.isfinite(values)]
            found = Counter(np.rint((answered - item.minimum) / item.step).astype(int).tolist())
            counts = {value: found.get(at, 0) for at, value in enumerate(item.scale)}
            yield AnswerDistribution(group.key, item.name, counts)


def _correlations(frame: ScoredFrame, group: str, plan: Plan) -> Correlations:
    """Correlations of the model's indicators, with means and SDs: enough to refit it elsewhere."""
    import numpy as np

    from analysis.compare.data.samples import mean_score

    rows = frame.group == group
    indicators = [one for construct in plan.constructs for one in construct.indicators]
    scores = [
        mean_score(np.column_stack([frame.items[item][rows] for item in one.items]))
        for one in indicators
    ]
    table = np.column_stack(scores)
    table = table[np.isfinite(table).all(axis=1)]
    n = len(table)
    names = tuple(one.name for one in indicators)
    if n < 2:
        gone = (None,) * len(names)
        return Correlations(group, n, names, gone, gone, (gone,) * len(names))
    means, sds = table.mean(axis=0), table.std(axis=0, ddof=1)
    return Correlations(
        group=group,
        n=n,
        names=names,
        means=tuple(means.tolist()),
        sds=tuple(sds.tolist()),
        rows=_correlation_rows(table, sds),
    )


def _correlation_rows(table: "Array", sds: "Array") -> tuple[tuple[float | None, ...], ...]:
    """A constant column has no correlation: its cells stay empty rather than NaN."""
    import numpy as np

    varies = sds > 0
    safe = np.where(varies, sds, 1.0)
    standardised = (table - table.mean(axis=0)) / safe
    matrix = standardised.T @ standardised / (len(table) - 1)
    return tuple(
        tuple(float(value) if varies[i] and varies[j] else None for j, value in enumerate(row))
        for i, row in enumerate(matrix)
    )


def _demographics(
    snapshot: StudySnapshot, frame: ScoredFrame, reference_group: str
) -> Iterator[DemographicRow]:
    """Counts over the people kept in the reference group; a number is shown in bands of ten."""
    study = snapshot.study
    kept = set(frame.respondent[frame.group == reference_group].tolist())
    people = Respondent.objects.filter(study=study, group__key=reference_group)
    rows = people.values_list("pk", "demographics", "administration__condition")
    answers = [{**given, **(condition or {})} for pk, given, condition in rows if pk in kept]
    for field in person_fields(study):
        label = field["label"].get(study.default_language) or next(iter(field["label"].values()))
        given = [_band(field, row.get(field["key"])) for row in answers]
        for category in dict.fromkeys([*_categories(field), *sorted(set(given))]):
            if count := given.count(category):
                yield DemographicRow(label, category, count)


def _categories(field: Mapping[str, object]) -> list[str]:
    options = field["options"]
    assert isinstance(options, list)
    return [next(iter(option["label"].values())) for option in options]


def _band(field: Mapping[str, object], value: object) -> str:
    if value in (None, ""):
        return "not given"
    options = field["options"]
    assert isinstance(options, list)
    if options:
        labels = {option["value"]: next(iter(option["label"].values())) for option in options}
        return str(labels.get(value, value))
    start = int(str(value)) // 10 * 10
    return f"{start}–{start + 9}"
