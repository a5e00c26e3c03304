"""Every page that people can come to, in one language, and what the program said there."""

import html
import json
import re
from datetime import timedelta

from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import trans_real
from factories import TESTER, make_link, make_person, personal
from page_forms import form_of
from participant_texts import participant_sentences
from worldwide_study import LANGUAGES, SPOKEN

from surveys import services
from surveys.models import Contact, RecruitingLink, Study
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.selectors import presentation_of, walk_of
from surveys.services import GivenAnswer
from surveys.services.flagging.signals import raise_flags
from surveys.services.people.terms import set_terms
from surveys.views.participants import recruitment
from surveys.views.participants.trying import address_to_try
from surveys.views.visitors.frames import forget_frames

TRANSLATED = [one for one in SPOKEN if one != "en"]
PLACE = re.compile(r"%\(\w+\)[sd]|\{\w+\}")
# Alike in English and in these.
SAME_WORDS = {
    "Contact:": {"nl"},
    "Page": {"fr"},
    "Page %(number)s: %(title)s": {"fr"},
    "Pages": {"fr"},
    "computer": {"it", "nl"},
    "tablet": {"it", "nl", "pl", "pt", "tr"},
    "version %(version)s": {"fr"},
}
PLAIN = {one for one, _many in participant_sentences() if not PLACE.search(one)} - {*SAME_WORDS}
WITH_PLACES = re.compile(
    "|".join(
        ".+?".join(map(re.escape, PLACE.split(one)))
        for sentence in participant_sentences()
        for one in sentence
        if one and PLACE.search(one) and one not in SAME_WORDS and len(one) < 200
    )
)
TEXTS = re.compile(r'>([^<>]+)<|(?:aria-label|alt|title|placeholder)="([^"]+)"')


def english_on(page: str) -> list[str]:
    """Texts of a page that are sentences of the program in English."""
    texts = {html.unescape(one or other).strip() for one, other in TEXTS.findall(page)} - {""}
    return sorted((texts & PLAIN) | {one for one in texts if WITH_PLACES.fullmatch(one)})


class Walked:
    """What the program was asked to say, by language, and which templates it showed."""

    def __init__(self, monkeypatch) -> None:
        self.asked: set[tuple[str, str]] = set()
        self.templates: set[str] = set()
        # What was kept is neither asked for nor rendered again.
        forget_frames()
        catalogue = trans_real.DjangoTranslation
        single, counted = catalogue.gettext, catalogue.ngettext
        asked = self.asked

        def gettext(of, message):
            asked.add((of.language(), message))
            return single(of, message)

        def ngettext(of, one, many, number):
            asked.add((of.language(), one))
            return counted(of, one, many, number)

        monkeypatch.setattr(catalogue, "gettext", gettext, raising=False)
        monkeypatch.setattr(catalogue, "ngettext", ngettext)

    def saw(self, template, **_more) -> None:
        self.templates.add(template.name)


def untranslated(walked: Walked) -> list[tuple[str, str]]:
    """What was asked for in a language that has it not."""
    return sorted(
        (language, message)
        for language, message in walked.asked
        if language in TRANSLATED and message
        for known in [trans_real.translation(language)._catalog]
        if message not in known and (message, 0) not in known
    )


class Walk:
    """One person's pages in one language, all that there are."""

    def __init__(self, links, language, monkeypatch) -> None:
        self.links, self.language, self.patch = links, language, monkeypatch
        self.client = Client(headers={"Accept-Language": f"{language},en;q=0.5"})
        self.client.raise_request_exception = False
        number = LANGUAGES.index(language)
        self.ids = [f"{number:x}{first}" + "5f2c8a9b3d4e5f6a7b8c9d" for first in "01"]

    def look(self, address, data=None, status=200) -> str:
        send = self.client.get if data is None else self.client.post
        response = send(address, data or {}, follow=True)
        assert response.status_code == status, (address, response.status_code)
        page = response.content.decode()
        words = self.language if self.language in SPOKEN else "en"
        assert f'<html lang="{words}"' in page, address
        assert ('dir="rtl">' in page[:80]) == (words == "ar")
        self.is_their_language(page, address)
        return page

    def is_their_language(self, page, address) -> None:
        if self.language in TRANSLATED:
            assert english_on(page) == [], address

    def person(self, **known):
        link = self.links["prolific" if known else "open"]
        return make_person(link, language=self.language, **known)

    def errors(self) -> None:
        self.look("/s/nobody/", status=404)
        self.look("/r/nobody/nothing/at/all/", status=404)
        self.look("/c/forged/", status=410)
        with self.patch.context() as patch:
            patch.setattr(recruitment, "entrance_language", lambda *_: 1 / 0)
            self.look(self.address(self.links["open"]), status=500)
        response = self.client.generic("POST", "/r/x/1/", CONTENT_LENGTH="60000000")
        assert response.status_code == 413
        self.is_their_language(response.content.decode(), "a body")

    def address(self, link, query="") -> str:
        return reverse("surveys:information", args=[link.token]) + query

    def asked_as(self, recruiter_id) -> str:
        return f"?PROLIFIC_PID={recruiter_id}&STUDY_ID=s&SESSION_ID=t"

    def entrance(self) -> None:
        link = self.links["open"]
        begin = reverse("surveys:begin", args=[link.token])
        self.look(self.address(link))
        self.look(begin, {"start": "x" * 20}, 422)
        declines = {"start": self.ids[0], "decision": "decline", "language": self.language}
        self.look(begin, declines)
        self.look(address_to_try(link))
        self.told_that_it_is_anonymous(link)
        prolific, mturk = self.links["prolific"], self.links["mturk"]
        self.look(self.address(prolific), status=422)
        self.look(self.address(prolific, "?PROLIFIC_PID={{%25PROLIFIC_PID%25}}"), status=422)
        self.look(self.address(prolific, f"?PROLIFIC_PID={'x' * 500}"), status=422)
        not_yet = "?assignmentId=ASSIGNMENT_ID_NOT_AVAILABLE&hitId=a&workerId=b"
        self.look(self.address(mturk, not_yet))
        self.look(self.address(self.links["later"]), status=403)
        self.look(self.address(self.links["over"]), status=410)
        self.look(self.address(self.links["off"]), status=410)
        for name in ("is_full_on_arrival", "took_part_before"):
            with self.patch.context() as patch:
                patch.setattr(recruitment, name, lambda **_: True)
                self.look(self.address(self.links["open"]), status=410)
        with self.patch.context() as patch:
            patch.setattr("surveys.views.limits.Limit.reached", lambda *_: True)
            self.look(self.address(prolific, self.asked_as(self.ids[0])), status=429)

    def questions(self) -> None:
        person = self.person()
        page = self.look(personal("page", person, number=1))
        wrong = {"day.sleep": "much", "day.feeling": "1.2.3", "day.holiday": "soon"}
        wrong |= {"day.best_breakfast": "1", "day.said": "x" * 9000}
        self.look(personal("page", person, number=1), {**form_of(page, "<form"), **wrong}, 422)
        self.look(personal("page", person, number=99), status=404)
        self.look(personal("stored", person))
        # What a hidden field holds, and a page that was left: the receipt says both.
        seen = {"device": "tablet", "left": 7, "away": 9000, "questions": {"2": [1, 2, 1, 0]}}
        recorded = {"further_remarks": "x", "reading_note": "22", "paradata": json.dumps(seen)}
        declined = {"prefers_not": "1", "day.said": "x", **recorded}
        self.client.post(personal("page", person, number=1), {**form_of(page, "<form"), **declined})
        self.finish(person)

    def let_everything_go(self, person) -> None:
        order = presentation_of(person).order
        answered = walk_of(person).told
        rest = [GivenAnswer(one, None, missing_reason="skipped") for one in order]
        rest = [one for one in rest if one.ref not in answered]
        services.record_answers(administration=person, answers=rest, idempotency_key="all")

    def finish(self, person) -> None:
        self.let_everything_go(person)
        self.look(personal("page", person, number=1))
        self.look(personal("demographics", person))
        self.look(personal("demographics", person), {"age": "7"}, 422)
        self.look(personal("demographics", person), {"age": "x"}, 422)
        self.look(personal("demographics", person), {"age": "40"})
        self.look(personal("demographics", person))
        self.look(personal("review", person))
        self.look(personal("review", person), {"go": "on"})
        raise_flags(study=person.study)
        for name in ("end", "stored", "withdraw"):
            self.look(personal(name, person))
        self.look(personal("withdraw", person), {"go": "on"})

    def endings(self) -> None:
        for outcome in (Outcome.SCREENED_OUT, Outcome.QUOTA_FULL, Outcome.TIMED_OUT):
            person = self.person()
            services.end_early(administration=person, outcome=outcome)
            self.look(personal("end", person))
        person = make_person(self.links["shared"], language=self.language)
        services.end_early(administration=person, outcome=Outcome.TIMED_OUT)
        self.look(personal("end", person))

    def returning(self) -> None:
        link, who = self.links["prolific"], self.asked_as(self.ids[0])
        person = self.person(recruiter_id=self.ids[0])
        self.look(self.address(link, who), status=409)
        back = reverse("surveys:come_back", args=[link.token]) + who
        self.look(back, {"code": "AAAA-AAAA"}, 422)
        response = self.client.post(back, {"go": "on"})
        page = self.look(response.url)
        self.look(response.url, form_of(page, "<form") | {"day.sleep": "much"}, 422)
        services.end_early(administration=person, outcome=Outcome.TIMED_OUT)
        self.look(response.url)
        self.look(personal("end", person))
        self.look(personal("withdraw", person))
        self.look(personal("stored", person))
        self.look(personal("withdraw", person), {"go": "on"})

    def told_that_it_is_anonymous(self, link: RecruitingLink) -> None:
        """As if the study were one; what comes after is of the study as it is."""
        study, was = Study.objects.filter(pk=link.study_id), link.study
        # What is frozen is kept in memory by its checksum.
        anonymous = {**was.settings, "anonymous": True}
        study.update(settings=anonymous, checksum=was.checksum[::-1])
        self.look(self.address(link))
        study.update(settings=was.settings, checksum=was.checksum)

    def handing_in(self) -> None:
        link, who = self.links["prolific"], self.asked_as(self.ids[1])
        person = self.person(recruiter_id=self.ids[1])
        self.let_everything_go(person)
        back = reverse("surveys:come_back", args=[link.token]) + who
        address = self.client.post(back, {"go": "on"}).url
        self.look(address)
        self.look(address, {"step": "about-you", "age": "30"})
        self.look(address, {"step": "submit"})

    def mails(self) -> None:
        Contact.objects.all().delete()
        contact = Contact.objects.create(
            link=self.links["open"], address="a@example.org", language=self.language
        )
        address = reverse("surveys:unsubscribe", args=[contact.token])
        self.look(address)
        self.look(address, {"yes": "1"})


def every_link(study) -> dict[str, RecruitingLink]:
    """Links of every kind that people can come by."""
    now, day = timezone.now(), timedelta(days=1)
    exits = {Outcome.TIMED_OUT: Exit("C0DE", "https://app.prolific.com/submissions/complete")}
    terms = {
        "later": LinkTerms(opens_at=now + day),
        "over": LinkTerms(closes_at=now - day),
        "shared": LinkTerms(shared_computer=True),
        "prolific": LinkTerms(exits=exits),
    }
    made = {name: make_link(study) for name in ("open", "off", "later", "over", "shared")}
    made |= {name: make_link(study, recruiter=name) for name in ("prolific", "mturk")}
    for name, one in terms.items():
        set_terms(link=made[name], terms=one, by=TESTER)
    RecruitingLink.objects.filter(pk=made["off"].pk).update(active=False)
    stored = RecruitingLink.objects.select_related("study")
    return {name: stored.get(pk=link.pk) for name, link in made.items()}
