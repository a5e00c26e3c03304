"""What the REST interface says about a panel, and what it takes to recruit one."""

from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from rest_framework import serializers

from llm_respondents.design.spec import MAX_SESSIONS
from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Panel
from llm_respondents.money.account import cost_of
from llm_respondents.readout.progress import panel_progress
from llm_respondents.services.named_endpoints import OPERATORS, endpoint_name
from surveys.models import Study

_LARGEST = 2**62


class PanelSerializer(serializers.ModelSerializer[Panel]):
    """A panel, its progress and its cost; its rows are model-generated, simulated if scripted."""

    study = serializers.SlugRelatedField[Study](slug_field="slug", read_only=True)
    group = serializers.CharField(source="group.key", read_only=True)
    name = serializers.CharField(source="group.label", read_only=True)
    provenance = serializers.CharField(source="group.provenance", read_only=True)
    endpoint = serializers.SerializerMethodField()
    progress = serializers.SerializerMethodField()
    cost = serializers.SerializerMethodField()

    class Meta:
        model = Panel
        fields = (
            "id",
            "study",
            "group",
            "name",
            "provenance",
            "status",
            "status_note",
            "provider",
            "endpoint",
            "model",
            "seed",
            "spec",
            "spec_hash",
            "prompt_version",
            "capabilities",
            "created_at",
            "started_at",
            "ended_at",
            "progress",
            "cost",
        )

    def get_endpoint(self, panel: Panel) -> str:
        """The operator's name for the endpoint; "" if it is not listed any more."""
        return endpoint_name(panel.base_url) if panel.base_url else ""

    def get_progress(self, panel: Panel) -> dict[str, Any]:
        """Counts of sessions, questions and calls."""
        return panel_progress(panel).as_json()

    def get_cost(self, panel: Panel) -> dict[str, Any]:
        """Tokens as counted by the endpoint, and amounts in the currency of the bill, as text."""
        bill = cost_of(panel)
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


def amount(nano: int | None) -> str | None:
    """Billionths of the currency as an exact decimal."""
    return None if nano is None else f"{Decimal(nano) / NANO:f}"


class RecruitSerializer(serializers.Serializer[Any]):
    """A study, an endpoint by its name or a scripted profile, and the fields of a specification.

    Fields of `PanelSpec` that are left out have its defaults. Where an endpoint is and which key
    it takes is the operator's to say: such fields are refused, as are unknown ones.
    """

    study = serializers.SlugField()
    endpoint = serializers.CharField(default="", allow_blank=True)
    profile = serializers.CharField(default="", allow_blank=True)
    key = serializers.SlugField(default="", allow_blank=True, max_length=50)
    spend_cap = serializers.DecimalField(
        max_digits=12, decimal_places=4, min_value=Decimal(0), required=False, allow_null=True
    )
    name = serializers.CharField(source="label", required=False, allow_blank=True, max_length=120)
    model = serializers.CharField(required=False, max_length=200)
    sessions = serializers.IntegerField(required=False, min_value=0, max_value=MAX_SESSIONS)
    seed = serializers.IntegerField(required=False, min_value=0, max_value=_LARGEST)
    language = serializers.CharField(required=False, allow_blank=True)
    sampling = serializers.DictField(required=False)
    arms = serializers.ListField(child=serializers.DictField(), required=False)
    scale_directions = serializers.CharField(required=False)
    block_orders = serializers.CharField(required=False)
    # Word for word; an empty one stands for the standard instruction.
    wordings = serializers.DictField(
        child=serializers.CharField(allow_blank=True, trim_whitespace=False), required=False
    )
    personas = serializers.CharField(required=False)
    persona_table = serializers.ListField(child=serializers.DictField(), required=False)
    margins = serializers.DictField(child=serializers.DictField(), required=False)
    history_from = serializers.CharField(required=False, allow_blank=True)
    max_turns = serializers.IntegerField(required=False, min_value=0)
    max_session_tokens = serializers.IntegerField(required=False, min_value=0)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Refuse what is the operator's, and what no panel knows."""
        unknown = set(self.initial_data) - set(self.fields)
        errors = {name: [_("There is no such field.")] for name in unknown}
        operators = _("Whoever operates the server decides this; name an endpoint.")
        errors |= {name: [operators] for name in unknown & set(OPERATORS)}
        if errors:
            raise serializers.ValidationError(errors)
        return attrs
