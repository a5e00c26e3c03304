"""What all panels of a study have spent together, and may spend. Nano: billionths of the bill."""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Sum

from llm_respondents.endpoints.file import NANO
from llm_respondents.models import Panel, StudyBudget
from surveys.models import Study


@dataclass(frozen=True, slots=True)
class StudySpending:
    """Spent and held back by all panels of a study; `cap_nano` is None without a cap."""

    spent_nano: int
    reserved_nano: int
    cap_nano: int | None

    @property
    def cap(self) -> Decimal | None:
        """The cap in the currency of the bill."""
        return None if self.cap_nano is None else Decimal(self.cap_nano) / NANO


def study_spending(study: Study) -> StudySpending:
    """The account of all panels of a study."""
    sums = Panel.objects.filter(study=study).aggregate(
        spent=Sum("spent_nano", default=0), reserved=Sum("reserved_nano", default=0)
    )
    cap = StudyBudget.objects.filter(study=study).values_list("cap_nano", flat=True).first()
    return StudySpending(sums["spent"], sums["reserved"], cap)
