"""How the people of a study were asked, as far as it happened on its own pages."""

from analysis.language import gettext as _
from analysis.language import gettext_noop
from analysis.report.readout.delivery import page_order, tallied
from analysis.report.typesetting.formatting import listed
from analysis.runs.datasheet import Delivery
from analysis.runs.snapshot import StudySnapshot
from surveys.models import RecruitingLink

_FOR_ONE = {RecruitingLink.Kind.SINGLE_USE, RecruitingLink.Kind.PERSONAL}


def fieldwork(snapshot: StudySnapshot, delivery: Delivery) -> dict[str, str]:
    """How the people were asked, as far as it happened here."""
    known = {"languages": tallied(delivery.languages)}
    if delivery.days:
        known["field_dates"] = _(" to ").join(delivery.days)
    if delivery.on_pages:
        known |= _web_delivery(snapshot, delivery)
    if delivery.on_pages and delivery.on_pages < delivery.respondents:
        of = " " + _("(the {some} of {every} who answered here)").format(
            some=delivery.on_pages, every=delivery.respondents
        )
        known = {
            name: text if name == "languages" else f"{text}{of}" for name, text in known.items()
        }
    return known


def _web_delivery(snapshot: StudySnapshot, delivery: Delivery) -> dict[str, str]:
    """What holds for whoever answers through the participant pages."""
    per_page = ", ".join(f"{block.key} {block.items_per_page}" for block in snapshot.blocks)
    shuffled = [block.key for block in snapshot.blocks if block.shuffle]
    versions = list(dict.fromkeys(name.partition(" ")[0] for name in delivery.consents))
    consent = _("Version {versions}, decided before the first question").format(
        versions=", ".join(versions)
    )
    minutes = snapshot.study.settings.get("minutes")
    return {
        "survey_access": _access(snapshot),
        "voluntary": _(
            "The first page can be declined, and all be withdrawn at any time, also afterwards"
        ),
        "mode": _("Self-administered web form, usable without JavaScript"),
        **({"consent": consent} if versions else {}),
        **({"stated_duration": _("{n} minutes").format(n=minutes)} if minutes else {}),
        "deletion_route": _("Withdrawal page of the respondent's own link erases all answers"),
        "items_per_page": _("At most, by block: {blocks}").format(blocks=per_page),
        "order_randomisation": page_order(delivery, shuffled),
        "branching": _("None"),
        "forced_answers": _forced(snapshot),
        "back_button": _("Yes, until the answers are handed in"),
        "completeness_check": _("Unanswered questions are listed once on each page"),
        "visitor_determination": _("Not determined: page loads are counted, visitors are not"),
        "duplicate_prevention": _duplicates(snapshot),
        "cookies": _("None are needed or set for respondents"),
        "ip_check": _("None: the program stores no addresses"),
        "partials": _("Kept, and excluded from the analysis"),
    }


def _access(snapshot: StudySnapshot) -> str:
    kinds = {link.kind for link in snapshot.links}
    words = [
        RecruitingLink.Kind.OPEN in kinds and _("open links"),
        bool(kinds & _FOR_ONE) and _("links for one person each"),
    ]
    return _("By recruiting link: {kinds}").format(kinds=listed(word for word in words if word))


def _forced(snapshot: StudySnapshot) -> str:
    required = [field["key"] for field in snapshot.study.demographics if field.get("required")]
    if not required:
        return _("No: each question can be left out after one reminder")
    return _(
        "No: each question can be left out after one reminder, except {fields} among the "
        "demographic questions"
    ).format(fields=listed(required))


def _duplicates(snapshot: StudySnapshot) -> str:
    kinds = {link.kind for link in snapshot.links}
    recruiters = any(link.recruiter for link in snapshot.links)
    words = [
        recruiters and _("one response for each id that a recruiter gave"),
        bool(kinds & _FOR_ONE) and _("links that can be used once"),
    ]
    return listed(
        (word for word in words if word), none=gettext_noop("none: an open link can be used again")
    )


def consent_shown(snapshot: StudySnapshot, delivery: Delivery | None) -> dict[str, str]:
    """The consent text that most people agreed to, of those who agreed to one here."""
    texts = {f"{text.version} {text.language}": text for text in snapshot.consent_texts}
    shown = next((texts[name] for name in delivery.consents), None) if delivery else None
    if shown is None:
        return {}
    return {
        "consent_text": f"{shown.information}\n\n{shown.statement}",
        "consent_language": shown.language,
    }
