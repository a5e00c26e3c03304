"""Every sentence that people who take part can read is there in every language, and no other is."""

import ast
import gettext as standard
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client
from django.test.signals import template_rendered
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.translation import override, trans_real
from factories import make_link, make_person, personal
from page_forms import form_of
from participant_texts import BASE, participant_sentences, participant_templates
from participant_walk import (
    PLACE,
    SAME_WORDS,
    TRANSLATED,
    Walk,
    Walked,
    english_on,
    every_link,
    untranslated,
)
from worldwide_study import FILLER, LANGUAGES, SPOKEN, UNSPOKEN, open_worldwide_study

from surveys.languages import best_of, name_of
from surveys.selectors import languages_in_english
from surveys.views.inviting.forms import MailForm

FORMS = {"pl": 3, "ar": 6}
FIELD = re.compile(r'^(msg\w+(?:\[\d\])?) ((?:".*"\n?)+)', re.MULTILINE)


def po_entries(language: str) -> list[dict[str, str]]:
    file = BASE / "locale" / language / "LC_MESSAGES" / "django.po"
    blocks = file.read_text(encoding="utf-8").split("\n\n")
    found = [
        {key: ast.literal_eval(f"({text})") for key, text in FIELD.findall(block)}
        | {"flags": "".join(re.findall(r"^#,(.*)", block, re.MULTILINE))}
        for block in blocks
    ]
    return [one for one in found if one.get("msgid")]


@pytest.mark.parametrize("language", TRANSLATED)
def test_a_language_has_every_sentence_of_people_with_its_places_and_plurals(language):
    entries = {(one["msgid"], one.get("msgid_plural")): one for one in po_entries(language)}
    assert sorted(participant_sentences() - entries.keys()) == []
    if language != "de":
        assert sorted(entries.keys() - participant_sentences()) == [], "nobody reads these"
    for single, many in participant_sentences():
        entry = entries[single, many]
        said = [text for key, text in entry.items() if key.startswith("msgstr")]
        assert "fuzzy" not in entry["flags"]
        assert len(said) == (FORMS.get(language, 2) if many else 1), single
        for one in said:
            assert one.strip(), single
            places, wanted = set(PLACE.findall(one)), set(PLACE.findall(many or single))
            assert places == wanted or (many and places <= wanted), single
            assert one.endswith("\n") == single.endswith("\n"), single
            assert many or one != single or language in SAME_WORDS.get(single, ()), single


@pytest.mark.parametrize("language", TRANSLATED)
def test_what_is_compiled_is_what_is_written(language):
    with (BASE / "locale" / language / "LC_MESSAGES" / "django.mo").open("rb") as file:
        compiled = standard.GNUTranslations(file)
    for entry in po_entries(language):
        if "msgid_plural" not in entry and "msgctxt" not in entry:
            assert compiled.gettext(entry["msgid"]) == entry["msgstr"]


def test_plurals_are_those_of_the_language():
    def said(language: str, number: int) -> str:
        with override(language):
            one, many = "One question is not answered yet", "%(n)s questions are not answered yet"
            return trans_real.ngettext(one, many, number) % {"n": number}

    assert [said("pl", n).split()[1] for n in (1, 2, 5, 12, 22, 25)] == [
        "pytanie",
        "pytania",
        "pytań",
        "pytań",
        "pytania",
        "pytań",
    ]
    assert len({said("ar", n).replace(str(n), "") for n in (0, 1, 2, 3, 11, 100)}) == 6
    assert said("fr", 2).startswith("2 questions")


def test_no_language_reads_the_month_before_the_day_but_english():
    """The twenty-eighth of November, in every form that people's pages write."""
    moment = datetime(2026, 11, 28, 21, 5, tzinfo=UTC)
    for language in TRANSLATED:
        with override(language):
            short = date_format(moment, "SHORT_DATETIME_FORMAT")
            long = date_format(moment, "DATETIME_FORMAT")
        assert re.match(r"28\D{1,2}(11|Kas)\D{1,2}(20)?26\b", short), (language, short)
        assert long.index("28") < long.index("2026"), (language, long)
        assert "21" in long, (language, long)
        assert "Nov." not in long, (language, long)


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("fr-CA,en;q=0.4", "fr"),
        ("pt-PT", "pt"),
        ("ar-EG, en;q=0.9", "ar"),
        ("xx, he;q=0.2", "he"),
        ("en;q=0.1, tr;q=0.7", "tr"),
        ("xx", None),
        ("", None),
        ("*", None),
        ("de," * 500, "de"),
    ],
)
def test_the_language_that_a_browser_asks_for_is_found(accepted, language):
    assert best_of(accepted, LANGUAGES) == language


def test_a_region_takes_its_language_and_a_language_nobody_knows_has_its_tag():
    assert best_of("pt", ["de", "pt-BR"]) == "pt-BR"
    assert best_of("pt-PT,pt-BR;q=0.8", ["pt-BR", "pt-PT"]) == "pt-PT"
    assert (name_of("ar"), name_of("tlh")) == ("العربيّة", "tlh")


def test_english_on_a_page_is_found():
    page = '<p>Merci</p><p title="About you">Page 1 of 8</p><b>Page 1</b>'
    assert english_on(page) == ["About you", "Page 1 of 8"]


@pytest.mark.django_db
def test_no_page_of_people_says_anything_in_another_language(owner, monkeypatch):
    study = open_worldwide_study(owner)
    assert languages_in_english(study) == list(UNSPOKEN)
    links = every_link(study)
    walked = Walked(monkeypatch)
    template_rendered.connect(walked.saw)
    try:
        for language in (*TRANSLATED, "he"):
            walk = Walk(links, language, monkeypatch)
            walk.errors()
            walk.entrance()
            walk.questions()
            walk.endings()
            walk.returning()
            walk.handing_in()
            walk.mails()
    finally:
        template_rendered.disconnect(walked.saw)
    assert untranslated(walked) == []
    assert sorted(participant_templates() - walked.templates) == []
    # Texts that a laboratory begins to write a mail with.
    form = MailForm(study)
    assert len({form[f"subjects-{one}"].initial for one in SPOKEN}) == len(SPOKEN)


@pytest.mark.django_db(transaction=True)
def test_a_language_stays_with_its_own_request(owner):
    """Visitors, people and the office in turn, in the very threads that served the others."""
    study = open_worldwide_study(owner)
    link = make_link(study)
    arabic = make_person(link, language="ar")
    visits = [
        (personal("withdraw", arabic), "en", '<html lang="ar" dir="rtl">'),
        ("/login/", "de", '<html lang="de"'),
        ("/login/", "ar", '<html lang="en"'),
        ("/s/nobody/", "pl", '<html lang="pl">'),
        ("/s/nobody/", "xx", '<html lang="en">'),
        (f"/s/{link.token}/", "tr,en;q=0.2", '<html lang="tr">'),
        (f"/s/{link.token}/", "xx", '<html lang="en">'),
    ]

    def visit(number: int) -> str:
        address, accepted, wanted = visits[number % len(visits)]
        content = Client(headers={"Accept-Language": accepted}).get(address).content.decode()
        connections.close_all()
        return "" if wanted in content else f"{address} ({accepted}) is not {wanted}"

    with ThreadPoolExecutor(3) as pool:
        assert set(pool.map(visit, range(8 * len(visits)))) == {""}


@pytest.mark.django_db
def test_the_office_offers_its_own_languages_and_no_other(client, open_study, owner):
    client.force_login(owner)
    page = client.get(reverse("surveys:study_list"), headers={"Accept-Language": "fr"})
    content = page.content.decode()
    assert '<html lang="en"' in content
    assert set(re.findall(r'name="language" value="(\w+)"', content)) == {"en", "de"}
    for chosen in ("fr", "ar"):
        response = client.post(reverse("surveys:appearance"), {"language": chosen})
        assert settings.LANGUAGE_COOKIE_NAME not in response.cookies


@pytest.mark.django_db
def test_words_in_another_language_than_their_page_say_so(client, owner):
    study = open_worldwide_study(owner)
    link = make_link(study)
    for language, direction in (("he", "rtl"), ("sw", "ltr")):
        mark = f' lang="{language}" dir="{direction}"'
        page = client.get(f"/s/{link.token}/?language={language}").content.decode()
        assert '<html lang="en">' in page
        assert f'<p class="study-title"{mark}>' in page
        assert f'<p class="statement"{mark}>' in page
        assert f"<p{mark}>{FILLER[language].format(n=0)}</p>" in page, "what is recorded"
        person = make_person(link, language=language)
        address = personal("page", person, number=1)
        page = client.get(address).content.decode()
        assert f'<h1 translate="no"{mark}>' in page
        assert f'<div translate="no"{mark}>' in page
        assert page.count('<summary lang="en" dir="ltr">The same in words') == 2
        sent = client.post(address, form_of(page, "<form"))
        assert re.search(
            r'<span class="error" id="q\d+-error" lang="en" dir="ltr">', sent.content.decode()
        )
        page = client.get(personal("demographics", person)).content.decode()
    arabic = make_person(link, language="ar")
    page = client.get(personal("page", arabic, number=1)).content.decode()
    assert '<html lang="ar" dir="rtl">' in page
    assert 'lang="en"' not in page
    # Items and options are left alone by browsers that translate, what is around them is not.
    asked = page[page.index('<div translate="no">') : page.index('<div class="actions">')]
    assert asked.count("<fieldset") > 5
    assert "translated-note" not in asked
