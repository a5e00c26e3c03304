"""How a panel was run, as the facts that a report's methods section prints.

Written onto the panel's group when it is recruited and again when it has run, so that whoever
reports the answers needs to know nothing of panels. Names of facts are those of the report.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from django.db.models import Max, Min, Sum

from llm_respondents.conversation.distributions import GREATEST_TOTAL, LEAST_TOTAL
from llm_respondents.conversation.prompts import (
    PROMPT_VERSION,
    Arm,
    TurnPlan,
    messages,
    system_prompt,
)
from llm_respondents.design.spec import PanelSpec
from llm_respondents.endpoints.apis import APIS
from llm_respondents.models import Attempt, Panel, PanelMember
from llm_respondents.money.lines import method_text
from llm_respondents.money.reconciliation import reconcile_panel
from llm_respondents.providers.fitting import Rejected
from llm_respondents.readout.asked_again import asked_again_line
from llm_respondents.readout.progress import PanelProgress, Replying, panel_progress
from llm_respondents.readout.reading_checks import check_line
from surveys.media import kind_of
from surveys.selectors import presentation_of, shown_in, shuffles_blocks, varied_in

HISTORIES: Mapping[str, str] = {
    "full": "Every earlier question and answer, as real chat turns",
    "window": "The last {window} turns, as real chat turns",
    "block": "Earlier turns of the same block",
    "none": "None: each turn stands alone",
    "swapped": "Every earlier question, as real chat turns, with the answers of another respondent "
    "(group {source}) in place of the session's own",
    "own": "The matched person's answers to other blocks, as far as these came earlier, and the "
    "session's own, as real chat turns; asked are the blocks {asked} alone, and answers to the "
    "others are missing as not_shown",
}
ELICITATIONS: Mapping[str, str] = {
    "schema": "JSON schema with the displayed {mark}s as an enumeration",
    "number": "The displayed {mark}, in text",
    "label": "The label, in text",
    "reason": "A reason, then the displayed {mark}",
    "distribution": "A verbalised probability for each option, by its {mark}; the recorded answer "
    "is drawn from it",
}
PARSING = (
    "A reply counts if it names exactly one displayed option; bounded re-asks with the same history"
)
PARSING_DISTRIBUTION = (
    "; a distribution counts if it gives every option a whole percentage and they add up to "
    f"{LEAST_TOTAL} to {GREATEST_TOTAL}, and is divided by its sum"
)
OPTION_ORDERS: Mapping[str, str] = {
    "scale": "in the order of the scale",
    "shuffled": "shuffled question by question by each session's seed",
}
REASONINGS: Mapping[str, str] = {
    "drop": "left out of later turns",
    "carry": "sent back with it in later turns, as the provider gave it, unless the question had "
    "to be asked again",
}
TURNS: Mapping[str, str] = {
    "one": "One item per turn",
    "page": "One page of items per turn",
    "block": "One block of items per turn",
}


def record_method(panel: Panel) -> None:
    """Write what is known of the panel's method onto its group."""
    group = panel.group
    group.method = {**group.method, **panel_method(panel)}
    group.save(update_fields=("method",))


def panel_method(panel: Panel) -> dict[str, str]:
    """The facts of a panel, as text; what is not known is left out."""
    spec = PanelSpec.from_stored(panel.spec)
    shuffled = list(panel.study.blocks.filter(shuffle=True).values_list("key", flat=True))
    facts = {**_identity(panel, spec), **_settings(spec)}
    facts |= {**_design(spec), **_order(spec, shuffled, _blocks(panel, spec)), **_prompts(panel)}
    if varied := varied_in(panel.study):
        facts["what_varies"] = f"{facts['what_varies']}, condition ({', '.join(varied)})"
    facts["pictures"] = _pictures(panel, spec)
    facts |= _rejected(facts, panel)
    facts["human_parse_check"] = check_line(panel)
    if panel.started_at is not None:
        facts |= _outcome(panel)
        facts["reasoning"] = facts.get("reasoning", "") + _thought(panel)
    return {name: text for name, text in facts.items() if text}


def _identity(panel: Panel, spec: PanelSpec) -> dict[str, str]:
    if spec.simulated:
        return {
            "purpose": "Rehearsal: a scripted respondent with known traits, no language model",
            "automation": "Fully automated",
            "provider": "scripted (part of Counterpart)",
            "model_id": f"known traits: {spec.profile}",
            "access_route": "None: no endpoint is called",
            "tools": "None",
            "persistent_memory": "None",
        }
    replied = Attempt.objects.of(panel).exclude(model="").values_list("model", flat=True).distinct()
    return {
        "purpose": "Respondent whose answers are compared with people's",
        "automation": "Fully automated; no reply is edited",
        "provider": APIS[spec.api].provider or spec.provider,
        "model_id": ", ".join(dict.fromkeys([spec.model, *sorted(replied)])),
        "access_route": APIS[spec.api].route,
        "endpoint": spec.base_url,
        "tools": "None offered",
        "persistent_memory": "None used: a request carries every message that it may refer to",
    }


def _settings(spec: PanelSpec) -> dict[str, str]:
    sampling = spec.sampling
    left = "left to the endpoint"
    seed = f"panel seed {spec.seed}; each session derives its own"
    sends = sampling.sends_seed and APIS[spec.api].takes_seed
    if not spec.simulated and not sends:
        seed += ", not sent to the endpoint"
    beside = dict(spec.extra_body)
    facts = {"seed": seed, "stop": _written(beside.pop("stop", None)), "penalties": left}
    if spec.simulated:
        return {"seed": seed}
    return facts | {
        "temperature": left if sampling.temperature is None else str(sampling.temperature),
        "top_p": left if sampling.top_p is None else str(sampling.top_p),
        "max_tokens": str(sampling.max_tokens),
        "reasoning": f"Effort {sampling.reasoning_effort or left}; what the model thought before a "
        f"reply is {_each(spec, lambda arm: REASONINGS[arm.reasoning])}",
        "extra_parameters": _written(beside),
    }


def _rejected(facts: Mapping[str, str], panel: Panel) -> dict[str, str]:
    """The settings that were wanted and that the endpoint was found to reject."""
    names = {"reasoning_effort": "reasoning"}
    left_out = Rejected.found(panel.capabilities).left_out
    said = {
        fact: f"{facts[fact]}; rejected by the endpoint, and left out of every request"
        for fact in (names.get(one, one) for one in left_out)
        if fact in facts
    }
    if "response_format" in left_out:
        said["answer_format"] = (
            f"{facts['answer_format']}; the endpoint rejects a schema, which was left out"
        )
    if panel.capabilities.get("instruction") == "question":
        said["call_structure"] = (
            f"{facts['call_structure']}; the endpoint rejects system messages, so that the first "
            "question of each request begins with the instruction"
        )
    return said


def _pictures(panel: Panel, spec: PanelSpec) -> str:
    """What became of what people are shown; a script looks at nothing."""
    counts = Counter[str](kind_of(media_type) for _sha256, media_type in shown_in(panel.study))
    if not counts:
        return "The study shows none"
    sent = spec.pictures == "sent" and not spec.simulated
    told = "in the words that are written for those who cannot see or hear them"
    said = [
        f"{_counted(counts, 'picture')} sent as images" if counts["picture"] and sent else "",
        f"{_counted(counts, 'picture')} described {told}" if counts["picture"] and not sent else "",
        f"{_counted(counts, 'sound', 'video')} told {told}"
        if counts["sound"] or counts["video"]
        else "",
    ]
    return "; ".join(filter(None, said))


def _counted(counts: Mapping[str, int], *kinds: str) -> str:
    listed = [
        f"{counts[one]} {one}{'s' if counts[one] > 1 else ''}" for one in kinds if counts[one]
    ]
    return " and ".join(listed)


def _written(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else "None"


def _design(spec: PanelSpec) -> dict[str, str]:
    turns = f"{spec.max_turns} turns" if spec.max_turns else "the questions of the study"
    tokens = f", {spec.max_session_tokens} tokens" if spec.max_session_tokens else ""
    return {
        "call_structure": _each(spec, lambda arm: TURNS[arm.items_per_turn]),
        "history": _each(
            spec,
            lambda arm: HISTORIES[arm.history].format(
                window=arm.window, source=spec.history_from, asked=", ".join(spec.asked_blocks)
            ),
        ),
        "answer_format": _each(
            spec, lambda arm: ELICITATIONS[arm.elicitation].format(mark=arm.option_marks)
        ),
        "session_bound": f"At most {turns}{tokens}",
        "persona_frame": {
            "none": "No persona",
            "table": f"A table of {len(spec.persona_table)} personas, dealt in turn",
            "matched": "One session for each completed person, with that person's demographics",
            "margins": f"Quotas of {', '.join(label for label, _ in spec.margins)} from given "
            "population margins, each dealt independently of the others",
        }[spec.personas],
        "imputation": "None",
        "parsing_rule": _parsing_rule(spec),
        "unit_of_analysis": "Session; sessions that share a draw (a person, a persona used again, "
        "a prompt at temperature 0) are one cluster",
    }


def _blocks(panel: Panel, spec: PanelSpec) -> str:
    """In which order blocks come where no person is matched: as the panel, or the study, says."""
    return "shuffled" if shuffles_blocks(panel.study) else spec.block_orders


def _order(spec: PanelSpec, shuffled: Sequence[str], blocks: str) -> dict[str, str]:
    """In which order questions and options come; `shuffled` are the blocks whose items are.

    `blocks` is the order of the blocks themselves.
    """
    items = f"shuffled within {', '.join(shuffled)}" if shuffled else "in the order of the study"
    if spec.personas == "matched":
        order = "Items and blocks: in the order of the matched person"
    else:
        by = " by each session's seed" if shuffled else ""
        order = f"Items {items}{by}; blocks: {blocks} order"
    options = _each(spec, lambda arm: OPTION_ORDERS[arm.option_order])
    return {
        "order_rule": f"{order}; scale direction: {_directions(spec)}; options: {options}",
        "what_varies": _what_varies(spec, shuffled, blocks),
    }


def _directions(spec: PanelSpec) -> str:
    return "that of the matched person" if spec.personas == "matched" else spec.scale_directions


def _parsing_rule(spec: PanelSpec) -> str:
    stated = any(arm.elicitation == "distribution" for arm in spec.arms)
    return PARSING + PARSING_DISTRIBUTION if stated else PARSING


def _what_varies(spec: PanelSpec, shuffled: Sequence[str], blocks: str) -> str:
    varied = ["order of items"] if shuffled else []
    if spec.personas != "none":
        varied.append("persona")
    if spec.scale_directions == "balanced" or spec.personas == "matched":
        varied.append("scale direction")
    if blocks == "shuffled" and spec.personas != "matched":
        varied.append("order of blocks")
    if len(spec.wordings) > 1:
        varied.append("system wording")
    if any(arm.option_order == "shuffled" for arm in spec.arms):
        varied.append("order of options")
    if any(arm.history == "swapped" for arm in spec.arms):
        varied.append("answers in earlier turns")
    if spec.asked_blocks:
        varied.append("answers of the person that are told")
    if len({arm.option_marks for arm in spec.arms}) > 1:
        varied.append("marks of options")
    if len(spec.arms) > 1:
        varied.append("arm")
    return ", ".join(varied) or "nothing but chance"


def _prompts(panel: Panel) -> dict[str, str]:
    """The words of one session as an example; the rule that makes the others is versioned."""
    member = PanelMember.objects.filter(panel=panel).order_by("number").first()
    if member is None:
        return {}
    administration = member.respondent.administration
    arm = Arm(**member.cell["arm"])
    presentation = presentation_of(administration)
    persona = tuple((label, value) for label, value in member.persona)
    wording = panel.spec["wordings"].get(member.cell.get("wording", ""), "")
    system = system_prompt(administration.language, arm=arm, persona=persona, wording=wording)
    sends = panel.spec.get("pictures") == "sent"
    first = TurnPlan(presentation, arm, sends_pictures=sends).everything[0]
    item = messages(system, (), first, arm)[-1]["content"]
    return {
        "system_prompt": system,
        "persona_text": "; ".join(f"{label}: {value}" for label, value in persona),
        "item_prompt": item,
        "prompt_sha256": hashlib.sha256(f"{PROMPT_VERSION}\n{system}\n{item}".encode()).hexdigest(),
    }


def _outcome(panel: Panel) -> dict[str, str]:
    progress = panel_progress(panel)
    missing = progress.missing
    asked = progress.questions - missing.get("not_shown", 0) or 1
    refused = missing.get("refused", 0) + missing.get("content_filter", 0)
    at_once = Attempt.objects.of(panel).filter(outcome=Attempt.ANSWERED, number=1).count()
    return {
        "run_dates": _dates(panel),
        "retries": "; ".join(filter(None, (_retries(progress), asked_again_line(panel)))),
        "parsed_at_once": f"{at_once} of {asked} ({at_once / asked:.1%})",
        "parsed_after_retry": f"{max(progress.answered - at_once, 0)} of {asked}",
        "refused": f"{refused} of {asked} ({refused / asked:.1%})",
        "out_of_range": str(missing.get("out_of_range", 0)),
        "cost": "" if panel.provider == "scripted" else method_text(reconcile_panel(panel)),
        "context_used": _context_used(panel),
        "drift_check": "" if panel.provider == "scripted" else _drift(progress.replying),
        "archive": _kept(panel),
    }


def _retries(progress: PanelProgress) -> str:
    failed = f"{progress.failed_calls} failed calls of {progress.calls}"
    return f"{progress.reasked} re-asked, {failed}"


def _drift(replying: Sequence[Replying]) -> str:
    """Whether the model stayed the same while it was asked, as far as it says what it is."""
    replies = sum(one.replies for one in replying)
    if not replies:
        return "The endpoint names no model with its replies; no questions were repeated"
    if len(replying) == 1:
        build = "and fingerprint" if replying[0].fingerprint else "(no fingerprint is given)"
        said = f"one model {build}"
    else:
        each = (f"{one.model} {one.fingerprint}".strip() + f" {one.replies}" for one in replying)
        said = f"{len(replying)} models or builds ({'; '.join(each)})"
    return f"{replies} replies of {said}, by their own account; no questions were repeated"


def _thought(panel: Panel) -> str:
    """How much was thought, as far as the endpoint counts it apart."""
    counted = Attempt.objects.of(panel).aggregate(tokens=Sum("reasoning_tokens"))["tokens"]
    return "" if counted is None else f"; {counted:,} tokens of thought were counted"


def _kept(panel: Panel) -> str:
    kept = "Every call is stored word for word"
    if panel.spec["personas"] == "matched" or panel.spec.get("history_from"):
        kept += "; what repeats the words of a person is erased when the person withdraws"
    if panel.batches.exists():
        kept += "; some calls were made in batches of the provider"
    return kept


def _context_used(panel: Panel) -> str:
    """The longest request as the endpoint counted it, and whether the probe found it whole."""
    longest = Attempt.objects.of(panel).aggregate(longest=Max("prompt_tokens"))["longest"]
    if longest is None:
        return ""
    found = {
        "honoured": "; the endpoint was found to remember the first word of the longest",
        "ignored": "; the endpoint was found to forget the first word of the longest",
    }
    context = found.get(panel.capabilities.get("context", ""), "")
    return f"At most {longest:,} prompt tokens in a request{context}"


def _each(spec: PanelSpec, describe: Callable[[Arm], str]) -> str:
    """What holds for the arms of a panel, each description once."""
    return " / ".join(dict.fromkeys(describe(arm) for arm in spec.arms))


def _dates(panel: Panel) -> str:
    span = Attempt.objects.of(panel).aggregate(first=Min("started_at"), last=Max("started_at"))
    days = [day.date().isoformat() for day in span.values() if isinstance(day, datetime)]
    return " to ".join(dict.fromkeys(days))
