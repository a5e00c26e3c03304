"""Which page of the help explains a page of the workspace: what *Help* at the top opens."""

# Name of a view -> the page below /help/, with a place in it where one is about just that.
PAGES = {
    "surveys:study_list": "",
    "surveys:jobs": "troubleshooting/#nothing-happens-after-i-pressed-a-button",
    "surveys:tokens": "guide/#rest",
    "surveys:instrument_library": "instruments/",
    "surveys:instrument": "instruments/",
    "surveys:instrument_version": "instruments/",
    "surveys:new_instrument": "instruments/",
    "surveys:instrument_editor": "instruments/",
    "surveys:instrument_shelf": "instruments/",
    "surveys:import_questionnaire": "questionnaires/",
    "surveys:import_data": "imports/",
    "surveys:draft_mapping": "imports/#a-draft-to-begin-with",
    "surveys:new_study": "instruments/#a-study",
    "surveys:edit_study": "instruments/#a-study",
    "surveys:study_settings": "instruments/#a-study",
    "surveys:design": "guide/#2-write-a-study",
    "surveys:new_block": "instruments/#a-study",
    "surveys:open_study": "guide/#3-open-it",
    "surveys:state_facts": "instruments/#facts-for-the-report",
    "surveys:study": "guide/",
    "surveys:recruit": "recruiting/",
    "surveys:new_link": "recruiting/",
    "surveys:terms": "recruiting/#ways-back",
    "surveys:new_link_list": "recruiting/#a-link-for-each-person-and-a-computer-for-many",
    "surveys:link_list": "recruiting/#a-link-for-each-person-and-a-computer-for-many",
    "surveys:quotas": "recruiting/#quotas",
    "surveys:waves": "invitations/#waves",
    "surveys:addresses": "invitations/#invitations-and-reminders",
    "surveys:new_mail": "invitations/#invitations-and-reminders",
    "surveys:mailing": "invitations/#invitations-and-reminders",
    "surveys:bounced": "invitations/#invitations-and-reminders",
    "surveys:people": "recruiting/#the-list-of-people",
    "surveys:erase_person": "ethics/#withdrawal-and-erasure",
    "surveys:team": "guide/#who-did-what",
    "surveys:log": "guide/#who-did-what",
    "surveys:data": "data/",
    "surveys:preview": "guide/#3-open-it",
}
# Where no line above names a view, its app does.
OF_APP = {"llm_respondents": "panels/", "analysis": "comparison/", "help": ""}
BEGINNINGS = {
    "analysis:plan": "plans/",
    "analysis:new_plan": "plans/",
    "analysis:power": "plans/",
    "analysis:draft": "plans/",
    "analysis:quality": "quality/",
    "analysis:report": "reports/",
    "analysis:compare": "reports/",
    "llm_respondents:collected": "imports/#answers-of-models",
}


def help_for(view_name: str) -> str:
    """The address below /help/ for a view, by its own name or by how its name begins."""
    if view_name in PAGES:
        return PAGES[view_name]
    for beginning, page in BEGINNINGS.items():
        if view_name.startswith(beginning):
            return page
    return OF_APP.get(view_name.partition(":")[0], "")
