"""What the REST interface says about a panel, and what it takes to recruit one."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar, NamedTuple, cast

from django.utils import timezone
from rest_framework import serializers

from llm_respondents.api.shapes import Clusters, Cost, Progress
from llm_respondents.design.clusters import ClusterCount
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.file import NANO
from llm_respondents.errors import SpecError
from llm_respondents.jobs.tallies import kept_tally
from llm_respondents.mistakes import Mistake
from llm_respondents.models import Panel
from llm_respondents.money.account import (
    PanelBill,
    accounts_of,
    spending_of_studies,
    with_spending_of_study,
)
from llm_respondents.readout.progress import PanelProgress, clusters_of_panels, progress_of
from llm_respondents.readout.sentences import (
    clusters_sentence,
    halt_of,
    mistake_sentence,
    sentences_by_path,
)
from llm_respondents.services.named_endpoints import chosen_spec, endpoint_name
from surveys.models import Study


class _Reading(NamedTuple):
    """How far a panel is, what it costs, as of when, and how many draws its sessions are."""

    progress: PanelProgress
    bill: PanelBill
    counted_at: datetime
    clusters: ClusterCount


def _readings(panels: Sequence[Panel]) -> dict[int, _Reading]:
    """As pages tell it: what whoever is at a panel, or was, counted; what nobody did is counted."""
    kept = {one.pk: tally for one in panels if (tally := kept_tally(one))}
    counted = [panel for panel in panels if panel.pk not in kept]
    moments = {pk: tally.counted_at for pk, tally in kept.items()}
    studies = spending_of_studies({panel.study_id for panel in panels})
    progress = {pk: tally.progress for pk, tally in kept.items()}
    bills = {
        panel.pk: with_spending_of_study(kept[panel.pk].bill, studies[panel.study_id])
        for panel in panels
        if panel.pk in kept
    }
    if counted:
        moments |= dict.fromkeys((panel.pk for panel in counted), timezone.now())
        found = progress_of(counted)
        progress |= found
        bills |= accounts_of(counted, found, studies)
    clusters = {pk: tally.clusters for pk, tally in kept.items() if tally.clusters}
    if unknown := [panel for panel in panels if panel.pk not in clusters]:
        clusters |= clusters_of_panels(unknown)
    return {pk: _Reading(progress[pk], bills[pk], moments[pk], clusters[pk]) for pk in progress}


class _Panels(serializers.ListSerializer[Panel]):
    """Many panels, read together: a list takes as many queries for five of them as for one."""

    def to_representation(self, data: Any) -> list[Any]:
        """Count all of them before the first is put in words."""
        panels = list(data)
        self.context["readings"] = _readings(panels)
        return super().to_representation(panels)


class PanelSerializer(serializers.ModelSerializer[Panel]):
    """A panel, its progress and its cost; its rows are model-generated, simulated if scripted."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    group = serializers.CharField(source="group.key", read_only=True)
    name = serializers.CharField(source="group.label", read_only=True)
    provenance = serializers.CharField(source="group.provenance", read_only=True)
    endpoint = serializers.SerializerMethodField()
    status_note = serializers.SerializerMethodField()
    counted_at = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    cost = serializers.SerializerMethodField()
    clusters = serializers.SerializerMethodField()
    json_shapes: ClassVar = {
        "spec": dict[str, Any],
        "capabilities": dict[str, Any],
    }

    class Meta:
        model = Panel
        list_serializer_class = _Panels
        fields = (
            "id",
            "study",
            "group",
            "name",
            "provenance",
            "status",
            "concurrency",
            "status_note",
            "halt_code",
            "ended_reason",
            "provider",
            "endpoint",
            "model",
            "seed",
            "spec",
            "spec_hash",
            "prompt_version",
            "capabilities",
            "probed_at",
            "created_at",
            "started_at",
            "ended_at",
            "counted_at",
            "progress",
            "cost",
            "clusters",
        )

    def get_endpoint(self, panel: Panel) -> str:
        """The operator's name for the endpoint; "" if it is not listed any more."""
        return endpoint_name(PanelSpec.from_stored(panel.spec))

    def get_status_note(self, panel: Panel) -> str:
        """Why the panel halted, as a sentence in the reader's language; "" if it did not."""
        return str(halt_of(panel))

    def get_counted_at(self, panel: Panel) -> datetime:
        """When progress and cost were counted: while a worker is at it, every few seconds."""
        return self._reading(panel).counted_at

    def get_progress(self, panel: Panel) -> Progress:
        """Counts of sessions, questions and calls."""
        return cast("Progress", self._reading(panel).progress.as_json())

    def get_cost(self, panel: Panel) -> Cost:
        """Tokens as counted by the endpoint, and amounts in the currency of the bill, as text."""
        bill = self._reading(panel).bill
        return {
            "prompt_tokens": bill.prompt_tokens,
            "completion_tokens": bill.completion_tokens,
            "calls_without_usage": bill.calls_without_usage,
            "spent": amount(bill.spent_nano),
            "reserved": amount(bill.reserved_nano),
            "spend_cap": amount(bill.cap_nano),
            "projected": amount(bill.projected_nano),
            "study_spend_cap": amount(bill.study_cap_nano),
            "study_spent": amount(bill.study_spent_nano),
            "exceeds_cap": bill.exceeds_cap,
            "priced": bill.priced,
        }

    def get_clusters(self, panel: Panel) -> Clusters:
        """How many independent draws the sessions are, and what the analysis will make of them."""
        count = self._reading(panel).clusters
        said = {**count.as_json(), "sentence": clusters_sentence(count)}
        return cast("Clusters", said)

    def _reading(self, panel: Panel) -> _Reading:
        """What was counted for the whole list; of a panel alone, once for all of its fields."""
        if panel.pk not in self.context.get("readings", ()):
            self.context["readings"] = _readings([panel])
        readings: Mapping[int, _Reading] = self.context["readings"]
        return readings[panel.pk]


def amount(nano: int | None) -> str | None:
    """Billionths of the currency as an exact decimal."""
    return None if nano is None else f"{Decimal(nano) / NANO:f}"


class RecruitSerializer(serializers.Serializer[Any]):
    """What is said beside a specification: the study, the panel's key, its cap."""

    study = serializers.SlugField()
    key = serializers.SlugField(default="", allow_blank=True, max_length=50)
    spend_cap = serializers.DecimalField(
        max_digits=12, decimal_places=4, min_value=Decimal(0), required=False, allow_null=True
    )


class RecruitingError(serializers.ValidationError):
    """A request that describes no panel: sentences by field, and every mistake as data."""

    def __init__(self, errors: Mapping[str, Any], mistakes: Sequence[Mistake]) -> None:
        super().__init__({**errors, **sentences_by_path(mistakes)})
        self.mistakes = [{**one.as_json(), "sentence": mistake_sentence(one)} for one in mistakes]


def asked_for(data: object) -> tuple[dict[str, Any], PanelSpec]:
    """What a request says beside the specification, and the specification.

    An endpoint is named by `endpoint`, a rehearsal by `profile`; `name` is the label. All other
    fields are those of `PanelSpec`, and what is left out has its default there.

    Raises `RecruitingError` with everything that is wrong, and `PanelSpecError`
    (`endpoint_unknown`, `endpoints_unreadable`).
    """
    beside = RecruitSerializer(data=data)
    right = beside.is_valid()
    if not isinstance(data, Mapping):
        raise RecruitingError(beside.errors, ())
    values = {name: part for name, part in data.items() if name not in beside.fields}
    is_named = "name" in values and "label" not in values
    if is_named:
        values["label"] = values.pop("name")
    endpoint, profile = values.pop("endpoint", ""), values.pop("profile", "")
    mistakes: Sequence[Mistake] = ()
    try:
        spec = chosen_spec(endpoint=endpoint, profile=profile, values=values)
    except SpecError as error:
        mistakes = [
            replace(one, at=("name",)) if is_named and one.at == ("label",) else one
            for one in error.mistakes
        ]
    if mistakes or not right:
        raise RecruitingError(beside.errors, mistakes)
    return dict(beside.validated_data), spec
