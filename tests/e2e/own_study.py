"""Writing a study of one's own in a browser: two instruments by paste, blocks, a rule; opened."""

from playwright.sync_api import Page, expect

ITEMS = """text\tde\tfacet\tR
I want to know who holds data about me.\tIch will wissen, wer Daten über mich hat.\tcontrol\t
I decide myself what others learn of me.\tWas andere erfahren, bestimme ich.\tcontrol\t
I read what an app wants to know.\tIch lese, was eine App wissen will.\tcontrol\t
I do not mind who sees my data.\tMir ist gleich, wer meine Daten sieht.\tcontrol\tR
Others may decide what is stored.\tWas gespeichert wird, dürfen andere sagen.\tcontrol\tR
I never think about my data.\tIch denke nie an meine Daten.\tcontrol\tR
It worries me how much is stored.\tMich sorgt, wie viel gespeichert wird.\tworry\t
I fear that data about me are sold.\tIch fürchte, dass Daten über mich verkauft werden.\tworry\t
I feel watched on the net.\tIm Netz fühle ich mich beobachtet.\tworry\t
I feel safe with every app.\tBei jeder App fühle ich mich sicher.\tworry\tR
Stored data leave me calm.\tGespeicherte Daten lassen mich ruhig.\tworry\tR
Nobody would misuse my data.\tNiemand würde meine Daten missbrauchen.\tworry\tR
"""
STORY = """{condition:recipient} asks for your step counts.\t{condition:recipient} bittet um Ihre \
Schrittzahlen."""
REQUEST = f"""key\ttext\tde\tscale
story\t{STORY}\tinformation
share\tWould you hand them over?\tWürden Sie sie weitergeben?\tagreement-7
gladly\tWould you do it gladly?\tWürden Sie es gern tun?\tagreement-7
again\tWould you do it again?\tWürden Sie es wieder tun?\tagreement-7
why_not\tWhat keeps you from it?\tWas hält Sie ab?\ttext
"""
STUDY = """slug = "step-counts"
version = "1.0"
languages = ["en", "de"]
title = { en = "A study of step counts", de = "Eine Studie über Schrittzahlen" }

[consent]
version = "1.0"
contact = "Step Research Group, steps@example.org"
information = { en = "We ask about step counts.", de = "Es geht um Schrittzahlen." }
statement = { en = "I agree to take part.", de = "Ich möchte teilnehmen." }

[[conditions]]
key = "recipient"
levels = [
  { key = "state", label = { en = "A health office", de = "Ein Gesundheitsamt" } },
  { key = "firm", label = { en = "An insurance firm", de = "Eine Versicherung" } },
]
"""
RULE = """
[[show_if]]
show = "request.why_not"
when = "request.share <= 3"
"""
WORDS = {
    "licence": "CC-BY-4.0",
    "citation": "Written for a test.",
    "wording_note": "Own wording.",
    "title.en": "Data about you",
    "title.de": "Daten über Sie",
    "instruction.en": "How much do you agree?",
    "instruction.de": "Wie sehr stimmen Sie zu?",
    "orientation.en": "High: more.",
    "orientation.de": "Hoch: mehr.",
}


def field(page: Page, name: str):
    return page.locator(f'[name="{name}"]')


def write_instrument(page: Page, slug: str, construct: str, table: str, scale: str, **more) -> None:
    """Paste a table, fill in what is missing, and publish."""
    page.get_by_role("link", name="Instruments", exact=True).first.click()
    page.get_by_role("link", name="New instrument").first.click()
    page.get_by_label("Short name").fill(slug)
    page.get_by_label("What it measures").fill(construct)
    page.get_by_label("Languages").fill("en, de")
    page.get_by_role("button", name="Begin").click()
    field(page, "paste").fill(table)
    field(page, "paste.scale").select_option(scale)
    expect(page.locator("#pasted dd").first).to_have_text(str(table.count("\n") - 1))
    page.get_by_role("button", name="Take over").click()
    for name, words in {**WORDS, **more}.items():
        field(page, name).fill(words)
    page.get_by_role("button", name="Save", exact=True).last.click()
    expect(page.get_by_text("Nothing is missing: it can be published.")).to_be_visible()
    page.get_by_role("button", name="Publish …").click()
    page.get_by_role("button", name="Publish for good").click()
    expect(page.get_by_text("It is published")).to_be_visible()


def write_study(page: Page) -> None:
    """A draft with consent and a condition; blocks from the library; a rule; opened."""
    page.get_by_role("link", name="Studies", exact=True).first.click()
    page.get_by_role("link", name="New study").first.click()
    assert "[Name, institution, e-mail]" in field(page, "text").input_value()
    field(page, "text").fill(STUDY)
    page.get_by_role("button", name="Make the draft").click()
    for name in ("step-worries 1.0", "request 1.0"):
        page.get_by_label("Add an instrument").select_option(name)
        # What a rule reads has to come before, in the order that is written.
        page.get_by_label("Shuffle its items").set_checked("worries" in name)
        page.get_by_role("button", name="Add the block").click()
    page.get_by_role("link", name="Change the draft").click()
    field(page, "text").fill(field(page, "text").input_value() + RULE)
    page.get_by_role("button", name="Save the draft").click()
    expect(page.get_by_text("Nothing is missing: the study can be opened.")).to_be_visible()
    page.goto("/studies/step-counts/preview/?page=3&condition-recipient=firm")
    told = "An insurance firm asks for your step counts."
    expect(page.locator(".of-people .preface")).to_have_text(told)
    expect(page.locator(".of-models .asked").first).to_contain_text(told)
    page.goto("/studies/step-counts/open/")
    page.get_by_role("button", name="Open and freeze").click()


def write_instruments(page: Page) -> None:
    """The two that the study asks."""
    names = {"facet.1.label.de": "Bestimmen", "facet.2.label.de": "Sorge"}
    write_instrument(page, "step-worries", "privacy", ITEMS, "agreement-7", **names)
    write_instrument(page, "request", "sharing", REQUEST, "agreement-7")
