"""The page “Your first study in 30 minutes”, done word by word."""

import pytest
from django.core.management import call_command
from factories import PASSWORD, make_user
from listening import listen
from printed_pages import pages_of
from walkthrough import PAGE, PageError, Walker, log_in, read_acts

TEXT = PAGE.read_text(encoding="utf-8")


def test_what_nobody_could_do_literally_is_found():
    for step in (
        "1. Look at it carefully.",
        "1. Press **Save** and *something else*.",
        "1. Press the button **Save**.",
        "1. Paste into *Items* what stands here: nothing.",
    ):
        with pytest.raises(PageError):
            list(read_acts(step))
    step = "2. Choose `7 points` in *Scale*, and\n   press **Save**. You see “Saved”."
    acts = [(act.does, act.words) for act in read_acts(step)]
    assert acts == [("choose", ("7 points", "Scale")), ("press", ("Save",)), ("see", ("Saved",))]


def test_the_page_has_a_picture_of_what_it_tells():
    pictures = [act.words[0] for act in read_acts(TEXT) if act.does == "picture"]
    assert pictures
    for name in pictures:
        assert (PAGE.parent / "pictures" / name).stat().st_size < 100_000


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_first_study_is_walked_word_by_word(browser, site, settings, tmp_path):
    settings.DATA_DIR = tmp_path
    settings.TASKS = {
        "default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"},
    }
    make_user("mara")
    context = browser.new_context(base_url=site, locale="en")
    wrong, page = listen(context), context.new_page()
    log_in(page, "mara", PASSWORD)
    walker = Walker(page, lambda words: call_command(*words, verbosity=0))
    walker.walk(read_acts(TEXT))
    (report,) = walker.files
    text = "".join(pages_of(report))
    assert "Fitness trackers and their data" in text
    assert "simulated" in text
    context.close()
    assert wrong == []
