"""The buttons that copy an address, on a site with TLS and on one without."""

import pytest
from factories import PASSWORD
from listening import listen
from walkthrough import log_in

# As a browser is towards a site without TLS that is not on this machine.
WITHOUT = "Object.defineProperty(navigator, 'clipboard', {value: undefined})"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("script", ["", WITHOUT])
def test_an_address_is_copied_with_and_without_tls(browser, site, open_study, link, script):
    context = browser.new_context(base_url=site, locale="en")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    wrong, page = listen(context), context.new_page()
    page.add_init_script(script)
    log_in(page, "owner", PASSWORD)
    page.goto(f"/studies/{open_study.slug}/recruit/")
    page.get_by_role("button", name="Copy").first.click()
    page.get_by_role("button").filter(has_text="Copied").wait_for()
    address = page.locator("[data-copy]").first.input_value()
    page.goto("/search/")
    page.locator("#find").focus()
    page.keyboard.press("Control+v")
    assert page.locator("#find").input_value() == address
    context.close()
    assert wrong == []
