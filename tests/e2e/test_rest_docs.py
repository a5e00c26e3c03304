"""The pages about REST: what it can do, and which programs are told what happens."""

import os

import pytest
from accessibility import check
from django.utils import timezone
from factories import PASSWORD, make_study_of_two, make_user

from surveys.models import Webhook, WebhookMessage

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_they_are_accessible_in_both_themes_and_fit(page, site):
    told = []
    page.on("console", lambda message: told.append(message.text))
    for name in ("", "?q=panel", "panels/", "studies/"):
        page.goto(f"{site}/api/docs/{name}")
        check(page)
    assert told == []


def test_the_page_of_webhooks_is_so_too(page, site):
    study = make_study_of_two(make_user("owner"), make_user("collaborator"))
    now = timezone.now()
    about = {"secret": "x", "looked_at": now, "told_since": now, "events": ["run.done"]}
    for number, gone in enumerate((None, now)):
        address = f"https://hooks.example.org/counterpart/{number}"
        one = Webhook.objects.create(study=study, address=address, disabled_at=gone, **about)
        failed = {"state": "failed", "status": 500, "error_code": "webhook_bad_status"}
        WebhookMessage.objects.create(
            webhook=one, key="run 1", event="run.done", content={}, due_at=now, **failed
        )
    page.goto("/login/")
    page.fill("input[name=username]", "owner")
    page.fill("input[name=password]", PASSWORD)
    page.click("button")
    page.goto(f"/studies/{study.slug}/data/webhooks/")
    if folder := os.environ.get("PICTURES"):
        page.screenshot(path=f"{folder}/webhooks-{page.viewport_size['width']}.png", full_page=True)
    check(page)
    page.fill("input[name=address]", "http://example.org/")
    page.get_by_role("button", name="Add the address").click()
    check(page)
    assert "begins with https://" in page.content() or "Please check" in page.title()
