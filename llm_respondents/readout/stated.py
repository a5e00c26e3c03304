"""The distributions that sessions of a study stated, of panels and of imported groups alike."""

from collections.abc import Iterator
from itertools import chain

from llm_respondents.design.spec import arm_from_json
from llm_respondents.models import Panel, PanelMember
from llm_respondents.readout.collected import collected_groups, collected_shares
from llm_respondents.readout.rereading import StatedShare, stated_shares
from surveys.models import Study


def stated_rows(study: Study) -> Iterator[tuple[int, str, int, float]]:
    """Yield respondent, question, scored value and share; nothing of options that are not scored.

    Replies are read again with today's parser, as nothing but the drawn answer is stored.
    """
    panels = (one for one in Panel.objects.filter(study=study) if _states(one))
    rows: Iterator[StatedShare] = chain(
        chain.from_iterable(map(stated_shares, panels)),
        chain.from_iterable(collected_shares(one.group) for one in collected_groups(study)),
    )
    for row in rows:
        if row.value is not None:
            yield row.respondent, row.question, row.value, row.share


def _states(panel: Panel) -> bool:
    """Whether any of its sessions was asked for distributions."""
    designs = PanelMember.objects.filter(panel=panel).values_list("respondent__design", flat=True)
    return any(arm_from_json(one["arm"]).elicitation == "distribution" for one in designs)
