"""Who may ask each address for what: one line an address. `test_roles_of_urls` holds it.

A line names the address as the resolver does, and its methods:

    "surveys:close_study": study(GET="owner", POST="owner"),   the least role of the four
    "surveys:account": account("GET", "POST"),                 everybody who is signed in
    "surveys:draft_file": mine(GET="own_draft"),               whoever made the row, and nobody else
    "panel-list": rows("viewer"),                              a list, of those studies alone
    "surveys:information": public("GET", "POST"),              everybody, signed in or not
    "staff": staff("GET"),                                     whoever operates the site

A method that is not named must be refused to everybody. Strangers of a study, and staff are
strangers, get 404; members whose role is not enough 403; whoever is not signed in is led to the
page that asks for it, or answered 401.
"""

from dataclasses import dataclass, field
from typing import Any

WRITING = ("POST", "PUT", "PATCH", "DELETE")
METHODS = ("GET", *WRITING)


@dataclass(frozen=True)
class Rule:
    """`least` is, by method, a role, or "signed in" or "anybody"; `body` what is sent with it."""

    kind: str
    least: dict[str, str]
    body: dict[str, Any] = field(default_factory=dict)


def study(*, body: dict[str, Any] | None = None, **least: str) -> Rule:
    return Rule("study", least, body or {})


def everything(role: str, *methods: str, body: dict[str, Any] | None = None) -> Rule:
    return Rule("study", dict.fromkeys(methods, role), body or {})


def rows(role: str, **more: str) -> Rule:
    return Rule("rows", {"GET": role, **more})


def account(*methods: str) -> Rule:
    return Rule("account", dict.fromkeys(methods, "signed in"))


def mine(*methods: str, body: dict[str, Any] | None = None) -> Rule:
    return Rule("mine", dict.fromkeys(methods, "owner"), body or {})


def public(*methods: str) -> Rule:
    return Rule("public", dict.fromkeys(methods, "anybody"))


def staff(*methods: str) -> Rule:
    return Rule("staff", dict.fromkeys(methods, "staff"))


RULES: dict[str, Rule] = {
    # People who take part: whoever holds a token, with or without an account.
    "surveys:information": public("GET", "POST"),
    "surveys:begin": public("GET", "POST"),
    "surveys:come_back": public("GET", "POST"),
    "surveys:unsubscribe": public("GET", "POST"),
    "surveys:go_on": public("GET", "POST"),
    "surveys:resume": public("GET"),
    "surveys:page": public("GET", "POST"),
    "surveys:demographics": public("GET", "POST"),
    "surveys:review": public("GET", "POST"),
    "surveys:end": public("GET"),
    "surveys:stored": public("GET"),
    "surveys:stored_file": public("GET"),
    "surveys:next_person": public("POST"),
    "surveys:leave": public("GET"),
    "surveys:withdraw": public("GET", "POST"),
    "participation-list": public("POST"),
    "surveys:media": public("GET"),
    "health": public("GET"),
    "help:home": public("GET"),
    "help:page": public("GET"),
    "help:picture": public("GET"),
    "help:client": public("GET"),
    "help:search": public("GET"),
    "rest_schema": public("GET"),
    "rest_docs": public("GET"),
    "rest_resource": public("GET"),
    # Signing in.
    "login": public("GET", "POST"),
    "logout": public("POST"),
    "surveys:second_factor": public("GET", "POST"),
    "surveys:forgotten": public("GET", "POST"),
    "surveys:set_new_password": public("GET", "POST"),
    "surveys:invitation": public("GET", "POST"),
    "surveys:appearance": public("POST"),
    # One's own account.
    "surveys:account": account("GET", "POST"),
    "surveys:end_sessions": account("POST"),
    "surveys:change_password": account("GET", "POST"),
    "surveys:two_factor": account("GET", "POST"),
    "surveys:recovery_codes": account("POST"),
    "surveys:end_two_factor": account("POST"),
    "surveys:tokens": account("GET", "POST"),
    "surveys:revoke_token": mine("POST"),
    "surveys:study_list": account("GET"),
    "surveys:new_study": account("GET", "POST"),
    "surveys:jobs": account("GET"),
    "surveys:search": account("GET"),
    "surveys:import_data": account("GET", "POST"),
    "surveys:draft_mapping": account("GET", "POST"),
    "api-root": account("GET"),
    # Instruments: what is published is everybody's, a draft is its author's.
    "surveys:import_questionnaire": account("GET", "POST"),
    "surveys:instrument_library": account("GET"),
    "surveys:new_instrument": account("GET", "POST"),
    "surveys:instrument_shelf": account("GET", "POST"),
    "surveys:instrument_editor": mine("GET", "POST"),
    "surveys:read_pasted": mine("POST"),
    "surveys:publish_draft": mine("GET", "POST"),
    "surveys:delete_draft": mine("GET", "POST"),
    "surveys:draft_file": mine("GET"),
    "surveys:item_media": mine("GET", "POST"),
    "media-list": account("POST"),
    "surveys:instrument": account("GET"),
    "surveys:instrument_version": account("GET"),
    "surveys:instrument_file": account("GET"),
    "surveys:copy_instrument": account("GET", "POST"),
    "surveys:next_instrument": account("POST"),
    "surveys:delete_instrument": account("GET", "POST"),
    "instrument-list": account("GET", "POST"),
    "instrument-shelf": account("GET", "POST"),
    "instrument-take-over": account("POST"),
    "instrument-detail": account("GET", "DELETE"),
    "instrument-copy": account("POST"),
    "instrument-file": account("GET"),
    "instrument-draft-list": account("GET", "POST"),
    "instrument-draft-detail": mine("GET", "PUT", "DELETE"),
    "instrument-draft-items": mine("POST", body={"text": "I like tea."}),
    "instrument-draft-publish": mine("POST"),
    # A study: what it is.
    "surveys:study": study(GET="viewer"),
    "surveys:design": study(GET="viewer"),
    "surveys:preview": study(GET="viewer"),
    "surveys:study_file": study(GET="viewer"),
    "surveys:study_zip": study(GET="viewer"),
    "surveys:copy_study": everything("viewer", "GET", "POST"),
    "surveys:edit_study": everything("editor", "GET", "POST"),
    "surveys:study_settings": everything("editor", "GET", "POST"),
    "surveys:new_version": everything("editor", "GET", "POST"),
    "surveys:archive_study": study(POST="editor"),
    "surveys:delete_study": everything("owner", "GET", "POST"),
    "surveys:new_block": study(POST="editor"),
    "surveys:change_block": study(POST="editor"),
    "surveys:open_study": everything("editor", "GET", "POST"),
    "surveys:close_study": everything("owner", "GET", "POST"),
    "surveys:state_facts": everything("analyst", "GET", "POST"),
    "surveys:log": study(GET="viewer"),
    "surveys:log_file": study(GET="viewer"),
    "study-list": rows("viewer", POST="signed in"),
    "study-detail": study(GET="viewer", PUT="editor", DELETE="owner"),
    "study-archive": everything("editor", "POST", "DELETE"),
    "study-make-packed": account("POST"),
    "study-change-packed": study(PUT="editor"),
    "study-blocks": study(POST="editor", body={"instrument": "none", "version": "1"}),
    "study-check": study(GET="viewer"),
    "study-close": study(POST="owner"),
    "study-copy": study(POST="viewer"),
    "study-export": study(GET="viewer"),
    "study-facts": study(GET="viewer", PATCH="analyst"),
    "study-log": study(GET="viewer"),
    "study-open": study(POST="editor"),
    # Who belongs to it.
    "surveys:team": study(GET="viewer"),
    "surveys:new_member": everything("owner", "GET", "POST"),
    "surveys:change_member": study(POST="owner", body={"role": "viewer"}),
    "surveys:drop_member": everything("owner", "GET", "POST"),
    "surveys:transfer": everything("owner", "GET", "POST"),
    "surveys:new_invitation": study(POST="owner", body={"role": "viewer", "days": "7"}),
    "surveys:revoke_invitation": study(POST="owner"),
    "study-members": study(GET="viewer", PUT="owner"),
    "study-member": study(DELETE="owner"),
    "study-transfer": study(POST="owner", body={"user": "editor"}),
    "study-invitations": everything("owner", "GET", "POST", body={"role": "viewer"}),
    "study-invitation": study(DELETE="owner"),
    # People: how they come in, and who they are.
    "surveys:recruit": study(GET="viewer"),
    "surveys:new_link": everything("editor", "GET", "POST"),
    "surveys:link_qr": study(GET="viewer"),
    "surveys:switch_link": study(POST="editor"),
    "surveys:rehearse": study(POST="editor"),
    "surveys:terms": study(POST="editor"),
    "surveys:try_out": study(POST="editor"),
    "surveys:erase_tests": everything("editor", "GET", "POST"),
    "surveys:new_link_list": everything("editor", "GET", "POST"),
    "surveys:link_list": study(GET="editor"),
    "surveys:link_list_file": study(GET="editor"),
    "surveys:link_list_sheet": study(GET="editor"),
    "surveys:addresses": everything("editor", "GET", "POST"),
    "surveys:bounced": everything("editor", "GET", "POST"),
    "surveys:new_mail": everything("editor", "GET", "POST"),
    "surveys:send_again": study(POST="editor"),
    "surveys:mailing": study(GET="editor"),
    "surveys:waves": everything("editor", "GET", "POST"),
    "surveys:quotas": everything("editor", "GET", "POST"),
    "surveys:quota_table": study(GET="viewer"),
    "surveys:people": study(GET="viewer"),
    "surveys:payment_list": study(GET="editor"),
    "surveys:look_at_people": study(POST="editor"),
    "surveys:person_flags": everything("editor", "GET", "POST"),
    "surveys:erase_person": everything("owner", "GET", "POST"),
    "surveys:retention": study(POST="owner"),
    "link-list": rows("viewer"),
    "link-detail": study(GET="viewer"),
    "link-terms": study(GET="viewer", PUT="editor"),
    "study-link-list": study(GET="editor"),
    "study-link-lists": study(GET="viewer", POST="editor"),
    "study-quotas": study(GET="viewer", PUT="editor"),
    "study-addresses": everything("editor", "GET", "PUT", body={"addresses": []}),
    "study-bounced": study(POST="editor", body={"addresses": []}),
    "study-mails": everything("editor", "GET", "POST"),
    "study-mail": study(GET="editor"),
    "study-deliveries": study(GET="editor"),
    "study-mail-rest": study(POST="editor"),
    "study-rehearsals": study(POST="editor", body={"people": 1}),
    "study-retention": study(GET="viewer", PUT="owner"),
    "study-flags": study(POST="editor"),
    "study-waves": study(GET="viewer", PUT="editor"),
    "people-list": study(GET="editor"),
    "people-detail": study(DELETE="owner"),
    "people-flags": study(POST="editor", body={"flag": "too_fast", "note": ""}),
    # Other programs that are told what happens.
    "surveys:webhooks": everything("owner", "GET", "POST"),
    "surveys:steer_webhook": study(POST="owner", body={"do": "pause"}),
    "surveys:drop_webhook": everything("owner", "GET", "POST"),
    "webhook-list": rows("viewer", POST="signed in"),
    "webhook-detail": study(GET="viewer", DELETE="owner"),
    "webhook-messages": study(GET="owner"),
    "webhook-pause": study(POST="owner"),
    "webhook-resume": study(POST="owner"),
    "webhook-test": study(POST="owner"),
    # What they answered.
    "surveys:data": study(GET="viewer", POST="analyst"),
    "respondent-list": rows("analyst"),
    "respondent-detail": study(GET="analyst"),
    "answer-list": rows("analyst"),
    "answer-detail": study(GET="analyst"),
    "study-exports": study(GET="viewer", POST="analyst"),
    "import-list": account("GET", "POST"),
    "import-draft": account("POST"),
    # Jobs; the one that is asked for is an export.
    "surveys:job": study(GET="viewer"),
    "surveys:cancel_job": study(POST="analyst"),
    "surveys:job_file": study(GET="analyst"),
    "job-list": rows("viewer"),
    "job-detail": study(GET="viewer"),
    "job-cancel": study(POST="analyst"),
    "job-file": study(GET="analyst"),
    # Panels of models.
    "llm_respondents:models": study(GET="viewer"),
    "llm_respondents:": public("GET", *WRITING),  # leads from an old address to the one above
    "llm_respondents:new_panel": everything("editor", "GET", "POST"),
    "llm_respondents:new_panel_of_file": everything("editor", "GET", "POST"),
    "llm_respondents:study_cap": everything("editor", "GET", "POST"),
    "llm_respondents:collected": study(GET="viewer"),
    "llm_respondents:read_again": study(POST="editor"),
    "llm_respondents:panel": study(GET="viewer"),
    "llm_respondents:panel_fragment": study(GET="viewer"),
    "llm_respondents:steer": study(POST="editor", body={"act": "pause"}),
    "llm_respondents:cancel_panel": study(GET="editor"),
    "llm_respondents:ask_again": study(POST="editor"),
    "llm_respondents:retune": study(POST="editor", body={"concurrency": "2"}),
    "llm_respondents:archive_panel": study(POST="analyst", body={"act": "archive", "because": "-"}),
    "llm_respondents:cap": study(POST="editor", body={"spend_cap": "1"}),
    "llm_respondents:reading": everything("analyst", "GET", "POST"),
    "llm_respondents:search": study(GET="viewer"),
    "llm_respondents:export": study(GET="analyst"),
    "llm_respondents:transcript": study(GET="viewer"),
    "panel-list": rows("viewer", POST="signed in"),
    "panel-detail": study(GET="viewer", PATCH="editor", body={"spend_cap": "1"}),
    "panel-batches": study(GET="viewer", POST="editor"),
    "panel-calls": study(GET="viewer"),
    "panel-cancel": study(POST="editor"),
    "panel-estimate": study(GET="viewer"),
    "panel-lost-turns": study(GET="viewer", POST="editor"),
    "panel-pause": study(POST="editor"),
    "panel-probe": study(POST="editor"),
    "panel-read-reply": study(POST="analyst", body={"reading": "1"}),
    "panel-reading-check": study(GET="viewer", POST="analyst"),
    "panel-run": study(POST="editor"),
    "panel-session": study(GET="viewer"),
    # Quality, plans, runs, reports.
    "analysis:plan": study(GET="viewer"),
    "analysis:quality": study(GET="viewer", POST="analyst"),
    "analysis:set_aside": study(POST="analyst", body={"group": "people"}),
    "analysis:new_plan": everything("analyst", "GET", "POST"),
    "analysis:plan_draft": everything("analyst", "GET", "POST"),
    "analysis:draft_file": study(GET="viewer"),
    "analysis:draft_text": everything("analyst", "GET", "POST"),
    "analysis:draft_power": everything("analyst", "GET", "POST"),
    "analysis:freeze_draft": everything("analyst", "GET", "POST"),
    "analysis:delete_draft": everything("analyst", "GET", "POST"),
    "analysis:frozen_plan": study(GET="viewer"),
    "analysis:plan_file": study(GET="viewer"),
    "analysis:compare": study(GET="viewer"),
    "analysis:": public("GET", *WRITING),  # leads from an old address to the one above
    "analysis:fit": study(POST="analyst", body={"plan": "main"}),
    "analysis:power": study(GET="viewer", POST="viewer"),  # it asks once the form is filled in
    "analysis:run": study(GET="viewer"),
    "analysis:cancel": study(POST="analyst"),
    "analysis:archive_run": study(POST="analyst", body={"act": "archive"}),
    "analysis:beside": study(GET="viewer"),
    "analysis:beside_table": study(GET="viewer"),
    "analysis:write_report": study(POST="analyst"),
    "analysis:archive": study(GET="analyst"),
    "analysis:figure": study(GET="viewer"),
    "analysis:figure_png": study(GET="viewer"),
    "analysis:figure_csv": study(GET="viewer"),
    "analysis:report": study(GET="viewer"),
    "analysis:supplement": study(GET="viewer"),
    "plan-draft-list": rows("viewer", POST="signed in"),
    "plan-draft-detail": study(GET="viewer", PUT="analyst", DELETE="analyst"),
    "plan-draft-file": study(GET="viewer"),
    "plan-draft-freeze": study(POST="analyst", body={"revision": 1}),
    "plan-draft-power": study(GET="viewer", POST="analyst"),
    "plan-list": rows("viewer", POST="signed in"),
    "plan-detail": study(GET="viewer"),
    "plan-fit": study(POST="analyst"),
    "quality-detail": study(GET="viewer"),
    "quality-groups": study(PUT="analyst"),
    "quality-look": study(POST="analyst"),
    "run-list": rows("viewer"),
    "run-detail": study(GET="viewer"),
    "run-archived": study(PATCH="analyst", body={"archived": True}),
    "run-beside": study(GET="viewer"),
    "run-archive": study(POST="analyst"),
    "run-report": study(POST="analyst"),
    "run-result": study(GET="viewer"),
    "report-list": rows("viewer"),
    "report-detail": study(GET="viewer"),
    "report-file": study(GET="viewer"),
    "report-supplement": study(GET="viewer"),
    # Operating the site.
    "staff": staff("GET"),
    "back_up_now": staff("POST"),
    "llm_respondents:endpoints": staff("GET", "POST"),
    "llm_respondents:check_endpoints": staff("POST"),
    "llm_respondents:try_endpoint": staff("POST"),
}
# Addresses of other makers, by the beginning of their names: staff's alone.
STAFF = ("admin:",)
# Without a name of their own.
UNNAMED = {"": public("GET", *WRITING)}  # /admin/login/ leads to the one page that asks
