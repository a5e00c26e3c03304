"""What was said in sentences and kept among the capabilities moves to its columns, and back."""

import re
from datetime import datetime

from django.db import migrations

# Reasons behind which the endpoint's own words were written.
QUOTED = {
    "auth", "quota", "not_found", "bad_request", "context_length", "rate_limit", "server",
    "timeout", "connection", "malformed", "endpoint_down", "batch_failed",
}  # fmt: skip
BARE = {"budget_spent", "study_budget_spent", "schema_not_honoured", "context_too_short"}
REFUSED = "The provider did not accept the batch: "
SECONDS = re.compile(r"for (?P<seconds>\d+) seconds")
UNKNOWN_BATCH = re.compile(
    r"know batch (?P<batch>\S+), .* --panel (?P<panel>\d+) --count-as-lost (?P<number>\d+)"
)
# The remarks of batches, word for word as they were kept.
REMARKS = {
    "counted as lost": "counted_as_lost",
    "counted as lost, not billed": "lost_unbilled",
    "the provider knows no such batch": "unknown",
    "never sent": "never_sent",
}
LINES = re.compile(r"(?P<count>\d+) lines (?P<what>unreadable|unknown|repeated)")
NO_REASON = "the provider gives no reason"
# What is moved out of the capabilities beside the prices.
PROBE = {"probe_nano", "probed_at", "calls", "tokens", "prompt_tokens", "completion_tokens"}


def codes_of_note(note):
    """(halt code, its arguments, reason of the end) of what was written as "code: message"."""
    code, _, message = note.partition(": ")
    if code == "budget_stop":
        return "", {}, "budget_stop"
    if not note or code in BARE:
        return code, {}, ""
    if code in QUOTED:
        # Of a call it was said twice, and before a batch's errors stood a sentence of our own.
        return code, {"said": message.removeprefix(f"{code}: ").removeprefix(REFUSED)}, ""
    if code == "no_progress" and (found := SECONDS.search(message)):
        return code, {"seconds": int(found["seconds"])}, ""
    if code == "batch_unknown" and (found := UNKNOWN_BATCH.search(message)):
        numbers = {name: int(found[name]) for name in ("panel", "number")}
        return code, {"batch": found["batch"], **numbers}, ""
    return code[:40], {"said": message}, ""


def remark_of_detail(detail):
    """(code, its arguments) of what was kept of a batch as text."""
    code = detail.partition(":")[0]
    if not detail or code in ("budget_spent", "study_budget_spent"):
        return code, {}
    if detail in REMARKS:
        return REMARKS[detail], {}
    if lines := {found["what"]: int(found["count"]) for found in LINES.finditer(detail)}:
        return "lines_left_out", {"unreadable": 0, "unknown": 0, "repeated": 0, **lines}
    return "batch_failed", {"said": "" if detail == NO_REASON else detail}


def forwards(apps, schema_editor):
    for panel in apps.get_model("llm_respondents", "Panel").objects.iterator():
        panel.halt_code, panel.halt_args, panel.ended_reason = codes_of_note(panel.status_note)
        panel.ended_reason = panel.ended_reason or ended_reason(apps, panel)
        kept = panel.capabilities
        probed_at = kept.get("probed_at")
        panel.probed_at = datetime.fromisoformat(probed_at) if probed_at else None
        panel.probe_nano = kept.get("probe_nano", 0)
        panel.probe_calls, panel.probe_tokens = kept.get("calls", 0), kept.get("tokens", 0)
        for noted in kept.get("prices", ()):
            amounts = {name: amount for name, amount in noted.items() if name != "since"}
            since = datetime.fromisoformat(noted["since"])
            panel.prices.create(since=since, amounts=amounts)
        panel.capabilities = {
            name: found for name, found in kept.items() if name not in PROBE | {"prices"}
        }
        panel.save()
    for batch in apps.get_model("llm_respondents", "Batch").objects.exclude(detail="").iterator():
        batch.remark, batch.remark_args = remark_of_detail(batch.detail)
        batch.save(update_fields=("remark", "remark_args"))


def ended_reason(apps, panel):
    """Of a cancelled panel, what its open questions were given as the reason tells why."""
    if panel.status != "cancelled":
        return "complete" if panel.status == "complete" else ""
    answers = apps.get_model("surveys", "Answer").objects.filter(
        administration__respondent__panel_member__panel=panel.pk
    )
    reasons = set(answers.order_by().values_list("missing_reason", flat=True).distinct())
    at_its_cap = "budget_stop" in reasons and "cancelled" not in reasons
    return "budget_stop" if at_its_cap else "cancelled"


def backwards(apps, schema_editor):
    under_way = {"lease_owner": "", "status": "in_progress"}
    sessions = apps.get_model("surveys", "Administration").objects.filter(**under_way)
    for panel in apps.get_model("llm_respondents", "Panel").objects.iterator():
        panel.status_note = note_of_codes(panel, sessions)
        kept = {
            "prices": [
                {"since": price.since.isoformat(), **price.amounts}
                for price in panel.prices.order_by("since", "pk")
            ],
            "probe_nano": panel.probe_nano,
            "probed_at": panel.probed_at and panel.probed_at.isoformat(),
            "calls": panel.probe_calls,
            "tokens": panel.probe_tokens,
        }
        panel.capabilities |= {name: value for name, value in kept.items() if value}
        panel.save(update_fields=("status_note", "capabilities"))
        panel.prices.all().delete()
    for batch in apps.get_model("llm_respondents", "Batch").objects.exclude(remark="").iterator():
        batch.detail = detail_of_remark(batch)
        batch.save(update_fields=("detail",))


def note_of_codes(panel, sessions):
    if panel.halt_code:
        said = panel.halt_args.get("said") or ", ".join(map(str, panel.halt_args.values()))
        return f"{panel.halt_code}: {said}"
    waits = sessions.filter(respondent__panel_member__panel=panel.pk)
    if panel.ended_reason == "budget_stop" and waits.exists():
        return "budget_stop: the cap left no room for the other questions."
    return ""


def detail_of_remark(batch):
    words = {code: detail for detail, code in REMARKS.items()}
    if batch.remark == "lines_left_out":
        lines = sorted(batch.remark_args.items())
        return ", ".join(f"{count} lines {what}" for what, count in lines if count)
    if batch.remark == "batch_failed":
        return batch.remark_args.get("said") or NO_REASON
    return words.get(batch.remark, f"{batch.remark}: the cap leaves no room for another call")


class Migration(migrations.Migration):

    dependencies = [
        ("llm_respondents", "0005_codes_and_prices"),
        ("surveys", "0002_imported_files"),
    ]

    operations = [migrations.RunPython(forwards, backwards)]
