"""What a report says of answers that were imported: what their file tells, and nothing else.

Names of facts are those of the report; a fact that is absent is printed there as not recorded.
"""

import hashlib
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime

from llm_respondents.conversation.arms import Arm
from llm_respondents.readout.collected import CollectedGroup, Form, collected_group, told_of
from llm_respondents.services.method import ELICITATIONS
from surveys.models import RespondentGroup

LONGEST_LIST = 10
_FORMS = {
    Form.RAW: "{n} raw texts, read by this program's parser as {asked}",
    Form.VALUE: "{n} values, taken as its source coded them",
    Form.REASON: "{n} missing answers, with the reason that the source gives",
    Form.SHARES: "{n} distributions, kept as they are; from each one answer is drawn",
}


def record_collected_method(group: RespondentGroup) -> None:
    """Write what is known of the imported answers onto their group."""
    group.method = {**group.method, **_facts(group)}
    group.save(update_fields=("method",))


def _facts(group: RespondentGroup) -> dict[str, str]:
    told, counted = told_of(group), collected_group(group)
    facts = {
        "purpose": "Imported model answers: collected elsewhere, and read from a file; this "
        "program asked nothing",
        "provider": _listed(told.get("provider")) or group.method.get("provider", ""),
        "model_id": _listed(told.get("model")) or group.method.get("model_id", ""),
        "temperature": _listed(told.get("temperature")),
        "seed": _listed(told.get("seed")),
        "history": _listed(told.get("history")),
        "call_structure": _structure(told.get("items_per_turn")),
        "run_dates": _dates(told.get("asked_at")),
        "parsing_rule": _parsing(group, counted),
        "imputation": "None",
        "system_prompt": _example(told.get("system_text")),
        "item_prompt": _example(told.get("prompt_text")),
        "prompt_sha256": _hash(told),
        "persona_frame": _personas(group, counted),
        "refused": _share(counted),
        "archive": "Every reply is stored as the file has it",
    }
    return {name: text for name, text in facts.items() if text}


def _listed(counts: Counter[str] | None) -> str:
    if not counts:
        return ""
    if len(counts) > LONGEST_LIST:
        return f"{len(counts)} different"
    return ", ".join(sorted(counts))


def _structure(counts: Counter[str] | None) -> str:
    return f"Items per turn: {_listed(counts)}" if counts else ""


def _dates(counts: Counter[str] | None) -> str:
    days = sorted(day for text in counts or () if (day := _day(text)))
    if not days:
        return ""
    return days[0] if days[0] == days[-1] else f"{days[0]} to {days[-1]}"


def _day(text: str) -> str:
    """The day of a moment: as ISO 8601 has it, or as seconds since 1970."""
    try:
        if text.replace(".", "", 1).isdecimal():
            return datetime.fromtimestamp(float(text), UTC).date().isoformat()
        return datetime.fromisoformat(text).date().isoformat()
    except (ValueError, OverflowError, OSError):
        return ""


def _parsing(group: RespondentGroup, counted: CollectedGroup) -> str:
    design = group.respondents.values_list("design", flat=True).first() or {}
    arm = Arm(**design["arm"]) if design else Arm()
    mark = "value" if design.get("by_value") else arm.option_marks
    asked = ELICITATIONS[arm.elicitation].format(mark=mark).split(";")[0]
    said = [
        _FORMS[form].format(n=counted.forms[form], asked=asked[:1].lower() + asked[1:])
        for form in Form
        if counted.forms.get(form)
    ]
    return "; ".join(said)


def _example(counts: Counter[str] | None) -> str:
    """The words of one reply as an example, the commonest, and how many others there are."""
    return counts.most_common(1)[0][0] if counts else ""


def _hash(told: Mapping[str, Counter[str]]) -> str:
    given = told.get("prompt_sha256")
    if given:
        return _listed(given)
    words = "\n".join(_example(told.get(name)) for name in ("system_text", "prompt_text")).strip()
    return hashlib.sha256(words.encode()).hexdigest() if words else ""


def _personas(group: RespondentGroup, counted: CollectedGroup) -> str:
    told = group.respondents.filter(design__has_key="persona").count()
    parts = []
    if counted.matched:
        parts.append(f"{counted.matched} of {counted.sessions} sessions matched to people by id")
    if told:
        parts.append(f"a persona is told of {told} sessions")
    return "; ".join(parts)


def _share(counted: CollectedGroup) -> str:
    refused = counted.missing.get("refused", 0) + counted.missing.get("content_filter", 0)
    asked = counted.answered + sum(counted.missing.values()) - counted.missing.get("not_shown", 0)
    return f"{refused} of {asked} ({refused / asked:.1%})" if asked else ""
