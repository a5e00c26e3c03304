"""What the page of a draft shows beside its fields: diagram, who is left out, power."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.core.cache import cache
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from analysis.compare.json_codec import from_plain, to_plain
from analysis.compare.plan import Measurement, PeopleDesign, Plan
from analysis.models import AnalysisPlan, PlanDraft
from analysis.plans.drafting.asked import asked_of
from analysis.plans.drafting.checking import Checked
from analysis.plans.drafts import ConstructDraft, Exclusions, PathDraft
from analysis.plans.exclusions import RULES
from analysis.plans.expectations import Assumptions
from analysis.plans.paths.waves import of_wave, waves_named
from analysis.plans.services import comparison_plan
from analysis.runs.frames import LeftOut, left_out_today
from analysis.runs.snapshot import data_state
from analysis.web.plans.choices import called, varied
from analysis.web.plans.diagram import SIGNS, Drawn, diagram
from analysis.web.plans.parts import TABLES
from analysis.web.plans.shown import PlanPage
from surveys.checksums import sha256_of
from surveys.instrument_files.strict import read
from surveys.jobs.reading import job_state
from surveys.models import Job, Kind, RespondentGroup
from surveys.workspace.groups import name_of

_KEPT_SECONDS = 3600


class DraftPage:
    """A draft as its page shows it; `groups` are those of its study."""

    def __init__(self, draft: PlanDraft, groups: Sequence[RespondentGroup]) -> None:
        self.draft = draft
        self.groups = groups
        self.asked = asked_of(draft.study, groups)

    def context(
        self, checked: Checked, values: Mapping[str, Any], *, added: str = ""
    ) -> dict[str, Any]:
        """Everything that the page shows; `values` are the draft's, or those that were typed."""
        page = PlanPage(values, checked.problems, self.asked, added)
        return {
            "study": self.draft.study,
            "draft": self.draft,
            "page": page,
            "checked": checked,
            "without_reason": [one for one in checked.paths if not one.reference],
            "left_out": [_in_words(one) for one in self.left_out(checked, values)],
            "revision": self.draft.revision,
            **drawn_draft(self, checked),
            **self.power_context(checked),
        }

    def left_out(self, checked: Checked, values: Mapping[str, Any] | None = None) -> list[LeftOut]:
        """Whom the rules would leave out today, as far as they can be read.

        It is kept until a rule or an answer changes: a draft is saved after every word.
        """
        if not any(group.kind == Kind.HUMAN for group in self.groups):
            return []
        written = (values or self.draft.content).get("exclusions", {})
        rules = read(Exclusions, written)[0] if isinstance(written, Mapping) else None
        people = checked.carried_out.people if checked.carried_out else PeopleDesign()
        study = self.draft.study
        asked = [to_plain(rules or Exclusions()), to_plain(people), data_state(study)]
        key = f"left-out:{study.pk}:{sha256_of(asked)}"
        kept: list[LeftOut] | None = cache.get(key)
        if kept is None:
            kept = left_out_today(study, self.groups, rules or Exclusions(), people)
            cache.set(key, kept, _KEPT_SECONDS)
        return kept

    def power_context(self, checked: Checked) -> dict[str, Any]:
        """The analysis of power that stays with the draft, and whether the plan changed since."""
        job = self.draft.power
        context: dict[str, Any] = {
            "study": self.draft.study,
            "draft": self.draft,
            "checked": checked,
        }
        if job is None:
            return context
        now = to_plain(checked.carried_out) if checked.carried_out else None
        context["changed_since"] = sha256_of(job.parameters["plan"]) != sha256_of(now)
        if job.status == Job.Status.DONE:
            paths = [
                {**row, "path": row["path"].replace("->", " → ")} for row in job.result["paths"]
            ]
            power = {**job.result, "paths": paths}
            return {**context, "power": power, "assumed": job.parameters["assumed"]}
        return {**context, "state": job_state(job)}

    def expected(self, checked: Checked) -> dict[str, Any]:
        """What the form on power begins with: what was expected last, else the people there are."""
        job = self.draft.power
        if job is None:
            kept = max((one.kept for one in self.left_out(checked)), default=0)
            return {"people": kept} if kept >= 20 else {}
        assumed = from_plain(Assumptions, job.parameters["assumed"])
        initial: dict[str, Any] = {
            "people": assumed.people_n,
            "sessions": assumed.model_n,
            "reliability": assumed.reliability,
        }
        paths = checked.carried_out.paths if checked.carried_out else ()
        for number, path in enumerate(paths):
            for who, slopes in (("people", assumed.paths), ("model", assumed.model_paths)):
                if path.key in slopes:
                    initial[f"{who}_{number}"] = slopes[path.key]
        return initial


def _in_words(group: LeftOut) -> dict[str, Any]:
    rules = [(_(RULES[rule]), n) for rule, n in group.by_rule.items()]
    return {
        "label": group.label,
        "simulated": group.simulated,
        "began": group.began,
        "kept": group.kept,
        "rules": rules,
    }


def drawn_draft(page: DraftPage, checked: Checked) -> dict[str, Any]:
    """The diagram of what can be read of a draft already, and its paths in words."""
    drawn = [_of_draft(one, page.asked.codebook) for one in checked.constructs]
    paths = [(one.predictor, one.outcome, SIGNS[one.sign]) for one in checked.paths]
    drawn = _drawn_in_waves(drawn, [end for one in paths for end in one[:2]])
    labels = {one.key: one.label for one in drawn}
    return {
        "diagram": diagram(drawn, paths),
        "upright": diagram(drawn, paths, upright=True),
        "sentences": [_sentence(*path, labels) for path in paths],
        "latent": len([one for one in drawn if one.is_latent]),
    }


def _drawn_in_waves(drawn: Sequence[Drawn], ends: Sequence[str]) -> list[Drawn]:
    """Each construct once for every wave that paths name; as they are where they name none."""
    if not waves_named(ends):
        return list(drawn)
    named = {one.key: one for one in drawn}
    found = [(end, *of_wave(end)) for end in dict.fromkeys(ends)]
    said = _("%(construct)s, wave %(n)s")
    return [
        replace(named[key], key=end, label=said % {"construct": named[key].label or key, "n": wave})
        for end, key, wave in sorted(found, key=lambda one: one[2])
        if key in named
    ]


def drawn_plan(plan: AnalysisPlan) -> dict[str, Any]:
    """The diagram and the parts of a frozen plan."""
    frozen = comparison_plan(plan)
    drawn = [
        Drawn(one.key, one.label, _counted(len(one.items)), one.is_latent)
        for one in frozen.constructs
    ]
    paths = [(one.predictor, one.outcome, SIGNS[one.expected_sign]) for one in frozen.paths]
    labels = {one.key: one.label for one in frozen.constructs}
    return {
        "comparison": frozen,
        "missing": called("missing", frozen.missing),
        "reference": _group_called(plan, frozen.reference_group),
        "exclusions": _labelled("exclusions", plan),
        "draws": _labelled("draws", plan),
        "measurement": _measured(frozen),
        "sensitivity": [
            (varied(one["choice"]), one["options"]) for one in plan.definition["sensitivity"]
        ],
        "diagram": diagram(drawn, paths),
        "upright": diagram(drawn, paths, upright=True),
        "sentences": [_sentence(*path, labels) for path in paths],
    }


def _group_called(plan: AnalysisPlan, key: str) -> str:
    """What a group of the study is called; its key where there is no such group."""
    found = plan.study.groups.filter(key=key).first()
    return name_of(found) if found else key


def _labelled(key: str, plan: AnalysisPlan) -> list[tuple[str, Any]]:
    """A table of a frozen plan, each value under the words of its field."""
    values = plan.definition[key]
    return [(str(part.label), values[part.key]) for part in TABLES[key] if part.key in values]


def _measured(plan: Plan) -> list[tuple[str, Any]]:
    """What the plan asks of factors and items beside the ladder, and how near counts as alike."""
    asked = {**to_plain(plan.measurement), "equivalence_bound": plan.equivalence_bound}
    planned = {**to_plain(Measurement()), "equivalence_bound": None}
    return [
        (str(part.label), _("yes") if asked[part.key] is True else asked[part.key])
        for part in TABLES["measurement"]
        if asked[part.key] != planned[part.key]
    ]


def _of_draft(one: ConstructDraft, codebook: Sequence[Mapping[str, Any]]) -> Drawn:
    of_block = [row for row in codebook if row["block"] == one.block and row["scored"]]
    number = len(one.items) or len(of_block)
    facets = {row["facet"] or row["ref"] for row in of_block}
    indicators = {"items": number, "facets": len(facets), "mean": 1}[one.indicators]
    return Drawn(one.key, one.label, _counted(number), indicators > 1)


def _counted(items: int) -> str:
    return ngettext("one item", "%(n)s items", items) % {"n": items}


def _sentence(predictor: str, outcome: str, sign: str, labels: Mapping[str, str]) -> str:
    """What a path says, in words."""
    said = {
        "+": _("%(predictor)s is expected to raise %(outcome)s."),
        "−": _("%(predictor)s is expected to lower %(outcome)s."),
        "?": _("%(predictor)s is expected to change %(outcome)s as it does in people."),
    }
    words = {
        "predictor": labels.get(predictor) or predictor,
        "outcome": labels.get(outcome) or outcome,
    }
    return said[sign] % words


def path_labels(paths: Sequence[PathDraft]) -> list[str]:
    """Paths as they are called on pages, each with its sign."""
    return [f"{one.predictor} → {one.outcome} ({SIGNS[one.sign]})" for one in paths]
