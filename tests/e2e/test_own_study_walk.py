"""A study of one's own from an empty database, in a browser: pasted, opened, answered, compared.

The steps that take a worker or a crowd are done beside the browser: simulated people, and the plan.
"""

from io import BytesIO

import pytest
from django.core.management import call_command
from factories import PASSWORD, make_user
from playwright.sync_api import Page, expect
from pypdf import PdfReader

from surveys.models import Administration, Instrument

PEOPLE = 40
pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

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
PLAN = """name = "main"
study = "step-counts"

[[constructs]]
key = "PRV"
label = "Privacy concern"
block = "step_worries"
indicators = "facets"

[[constructs]]
key = "SHR"
label = "Handing over"
block = "request"
indicators = "items"
items = ["share", "gladly", "again"]

[[paths]]
predictor = "PRV"
outcome = "SHR"
sign = "-"
source = "T"
family = "privacy to sharing"
reference = "A test."

[draws]
bootstrap = 0
permutations = 0
noise_draws = 0
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


def answer(page: Page) -> Administration:
    """Somebody in Germany who would not hand them over is asked why."""
    page.goto("/studies/step-counts/links/new/")
    page.get_by_label("Name").fill("Poster")
    page.get_by_role("button", name="Create link").click()
    address = page.locator("[data-copy]").first.input_value()
    page.goto(f"{address}?language=de")
    page.locator("button[value=agree]").click()
    asked = []
    while "/review/" not in page.url:
        asked.append(page.locator("main").inner_text())
        for item in page.locator("fieldset.item").all():
            choices = item.get_by_role("radio")
            if choices.count():
                choices.nth(1).check()
            else:
                item.locator("input").fill("Das geht niemanden an.")
        page.locator("button.primary").click()
    page.locator("button.primary").click()
    person = Administration.objects.get(respondent__kind="human", respondent__simulated=False)
    assert person.status == "completed"
    recipient = {"state": "Ein Gesundheitsamt", "firm": "Eine Versicherung"}
    assert f"{recipient[person.condition['recipient']]} bittet um" in "".join(asked)
    assert "Was hält Sie ab?" in asked[-1]
    return person


def recruit_and_run(page: Page) -> None:
    page.goto("/studies/step-counts/panels/new/")
    page.get_by_label("Who replies").select_option("profile:people-like")
    page.get_by_label("Sessions", exact=True).fill(str(PEOPLE))
    page.get_by_role("button", name="Recruit the panel").click()
    page.get_by_role("button", name="Run the panel").click()
    expect(page.get_by_text("Completed").first).to_be_visible()


def test_a_study_of_ones_own_from_an_empty_database(browser, site, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    }
    make_user("mara")
    assert not Instrument.objects.exists()
    context = browser.new_context(base_url=site, locale="en")
    page = context.new_page()
    page.goto("/login/")
    page.get_by_label("User name").fill("mara")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()

    names = {"facet.1.label.de": "Bestimmen", "facet.2.label.de": "Sorge"}
    write_instrument(page, "step-worries", "privacy", ITEMS, "agreement-7", **names)
    write_instrument(page, "request", "sharing", REQUEST, "agreement-7")
    write_study(page)
    answer(page)

    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN, encoding="utf-8")
    call_command("simulate_people", "step-counts", people=PEOPLE, verbosity=0)
    call_command("freeze_plan", "step-counts", str(plan), reference_group="simulated-people")
    recruit_and_run(page)

    page.goto("/studies/step-counts/plan/")
    page.locator("form[action$='/fit/'] button").first.click()
    page.locator("main a[href^='/runs/']").first.click()
    expect(page.get_by_text("PRV").first).to_be_visible()
    page.get_by_role("button", name="Write the report").click()
    address = page.locator("a[href^='/reports/']").first.get_attribute("href")
    pdf = PdfReader(BytesIO(page.request.get(address).body()))
    text = "".join(one.extract_text() for one in pdf.pages)
    assert "A study of step counts" in text
    context.close()
