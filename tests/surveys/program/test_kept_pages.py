"""Pages that are rendered once for many say to each person what a page of their own would say."""

import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils import translation
from factories import answer_everything, filled_in, make_link, make_person, personal

from surveys import services
from surveys.views.visitors import frames

# Drawn anew whenever a page is opened.
DRAWN = re.compile(r'name="(?:key|started|start)" value="[^"]*"')


def all_pages(person, client) -> list[str]:
    """What somebody reads who opens page after page, with the first one answered, then the end."""
    addresses = [personal("page", person, number=1), personal("page", person, number=1)]
    found = []
    for address in addresses:
        found.append(client.get(address).content.decode())
        client.post(address, filled_in(client, person, 1))
    found.append(client.get(f"{addresses[0]}?return=review").content.decode())
    answer_everything(person)
    person.respondent.demographics = {"age": 40}
    person.respondent.save()
    found.append(client.get(personal("review", person)).content.decode())
    found.append(client.get(personal("page", person, number=2)).content.decode())
    services.complete_administration(administration=person)
    found.append(client.get(personal("end", person)).content.decode())
    return [DRAWN.sub("", page) for page in found]


@pytest.mark.parametrize("recruited", [False, True])
def test_a_kept_page_is_the_page_of_whoever_opens_it(link, recruited):
    ids = [f"5f3a9c2e7b1d4a6083c5e{n:03x}" for n in range(2)] if recruited else ["", ""]
    first, second = (make_person(link, recruiter_id=one) for one in ids)
    all_pages(first, Client())
    kept = all_pages(second, Client())
    assert second.token in "".join(kept)
    assert first.token not in "".join(kept)
    assert (second.resume_code in kept[0]) is recruited
    # A page again, as a new process would render it.
    addresses = [personal("end", second)]
    frames.forget_frames()
    anew = [DRAWN.sub("", Client().get(one).content.decode()) for one in addresses]
    assert anew == kept[-1:]


def test_a_kept_page_is_as_rendered_anew_at_every_step(link, monkeypatch):
    seen = []
    whole = frames.framed

    def both(template, same, own):
        kept = whole(template, same, own)
        frames.forget_frames()
        assert whole(template, same, own) == kept
        # As without frames: nothing is asked of what is somebody's own, and all is escaped.
        assert frames.render_to_string(template, {**same, **own}) == kept
        seen.append(template)
        return kept

    for module in ("token_pages", "page_views"):
        monkeypatch.setattr(f"surveys.views.participants.{module}.framed", both)
    all_pages(make_person(link), Client())
    assert {"surveys/page.html", "surveys/review.html", "surveys/_row.html"} <= {*seen}


def test_what_is_somebodys_own_is_escaped_and_is_never_kept(monkeypatch):
    def rendered(_template, context):
        return Template("<p title='{{ word }}'>{{ same }} {{ word }}</p>").render(Context(context))

    monkeypatch.setattr(frames, "render_to_string", rendered)
    frames.forget_frames()
    for word, shown in (("<b>", "&lt;b&gt;"), ("plain", "plain")):
        page = frames.framed("any", {"same": "<i>"}, {"word": word})
        assert page == f"<p title='{shown}'>&lt;i&gt; {shown}</p>"
    frames.forget_frames()


def test_a_page_is_kept_for_each_language(link):
    person = make_person(make_link(link.study))
    pages = {}
    for language in ("en", "de", "en"):
        with translation.override(language):
            pages[language] = frames.framed(
                "surveys/participant.html", {"foot": True, "language": language}, {"token": "t"}
            )
    assert "You can interrupt" in pages["en"]
    assert "You can interrupt" not in pages["de"]
    assert person.language in ("en", "de")
