"""How the words that people and models were given differ."""

from __future__ import annotations

from analysis.language import gettext as _
from analysis.report.content import ReportContent
from analysis.report.readout.delivery import same_words, share_a_language
from analysis.report.typesetting.formatting import listed
from analysis.report.typesetting.style import plain
from analysis.report.writer import Writer


def parity(report: Writer, content: ReportContent) -> str:
    """Whether the same words were given, and where the words stand; markup."""
    where = report.see("appendix-items")
    if content.imported_from:
        who = _("The people") if content.all_imported else _("Some of the people")
        return _(
            "{who} were asked elsewhere. Models were given the words that stand in {where}; how "
            "far those are the people's is said under Wording."
        ).format(who=who, where=where)
    if not content.model_groups:
        return _("The words stand in {where}.").format(where=where)
    if differing := differing_items(content):
        return _(
            "Wording differs between the web form and the prompt in {items}; both wordings stand "
            "in {where}."
        ).format(items=plain(listed(differing)), where=where)
    languages = same_words(content.deliveries, content.label)
    if not share_a_language(content):
        return f"{_('People and models were asked in different languages.')} {plain(languages)}"
    if languages:
        same = _("In each language people and models were given the same words ({where}).")
        return f"{same.format(where=where)} {plain(languages)}"
    same = _("People and models were given the same words, item by item ({where}).")
    return same.format(where=where)


def differing_items(content: ReportContent) -> list[str]:
    """Refs of the items whose prompt differs from the web form by a character."""
    return [
        item.ref
        for instrument in content.instruments
        for item in instrument.items
        if item.model_text is not None and item.model_text != item.text
    ]
