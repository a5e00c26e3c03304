"""Addresses of the survey app."""

from django.urls import path

from surveys.views import data, data_import, drafts, facts, jobs, log, preview
from surveys.views.account import (
    account,
    joining,
    passwords,
    second_factor,
    tokens,
    two_factor,
)
from surveys.views.instruments import beginning, editor, importing, media_files, media_form, shelf
from surveys.views.instruments import instrument_library as library
from surveys.views.inviting import mails, waves
from surveys.views.participants import (
    continuation,
    endings,
    participation,
    recruitment,
    returning,
    unsubscribing,
)
from surveys.views.people import link_lists, people, quotas, recruit, rehearsal
from surveys.views.workspace import (
    appearance,
    blocks,
    design,
    home,
    overview,
    recruiting,
    search,
    study_settings,
    team,
    webhooks,
)

app_name = "surveys"

PARTICIPANTS = [
    path("s/<str:token>/", recruitment.information, name="information"),
    path("s/<str:token>/begin/", recruitment.begin, name="begin"),
    path("s/<str:token>/return/", returning.come_back, name="come_back"),
    path("u/<str:token>/", unsubscribing.unsubscribe, name="unsubscribe"),
    path("c/<str:token>/", continuation.go_on, name="go_on"),
    path("r/<str:token>/", participation.resume, name="resume"),
    path("r/<str:token>/<int:number>/", participation.questions, name="page"),
    path("r/<str:token>/about-you/", participation.demographics, name="demographics"),
    path("r/<str:token>/review/", participation.review, name="review"),
    path("r/<str:token>/end/", endings.end, name="end"),
    path("r/<str:token>/stored/", endings.stored, name="stored"),
    path("r/<str:token>/stored.json", endings.stored_file, name="stored_file"),
    path("r/<str:token>/next/", endings.next_person, name="next_person"),
    path("r/<str:token>/leave/", endings.leave, name="leave"),
    path("r/<str:token>/withdraw/", endings.withdraw, name="withdraw"),
    path("media/<str:sha256>", media_files.media_file, name="media"),
]

DRAFTS_OF_INSTRUMENTS = [
    path("instruments/drafts/<int:draft_id>/", editor.instrument_editor, name="instrument_editor"),
    path("instruments/drafts/<int:draft_id>/pasted/", editor.read_pasted, name="read_pasted"),
    path("instruments/drafts/<int:draft_id>/publish/", editor.publish_draft, name="publish_draft"),
    path("instruments/drafts/<int:draft_id>/delete/", editor.delete_draft, name="delete_draft"),
    path(
        "instruments/drafts/<int:draft_id>/items/<int:number>/media/",
        media_form.item_media,
        name="item_media",
    ),
    path("instruments/drafts/<int:draft_id>/draft.toml", editor.draft_file, name="draft_file"),
]

PUBLISHED_INSTRUMENTS = [
    path("instrument/<slug:slug>/", library.instrument_page, name="instrument"),
    path(
        "instrument/<slug:slug>/<str:version>/",
        library.instrument_page,
        name="instrument_version",
    ),
    path(
        "instrument/<slug:slug>/<str:version>/instrument.toml",
        library.instrument_file,
        name="instrument_file",
    ),
    path(
        "instrument/<slug:slug>/<str:version>/copy/",
        library.copy_page,
        name="copy_instrument",
    ),
    path(
        "instrument/<slug:slug>/<str:version>/next/",
        library.next_version,
        name="next_instrument",
    ),
    path(
        "instrument/<slug:slug>/<str:version>/delete/",
        library.delete_page,
        name="delete_instrument",
    ),
]

ACCOUNT = [
    path("login/code/", second_factor.second_factor, name="second_factor"),
    path("new-password/", passwords.forgotten, name="forgotten"),
    path(
        "new-password/<str:uidb64>/<str:token>/",
        passwords.set_new_password,
        name="set_new_password",
    ),
    path("invitation/<str:token>/", joining.invitation, name="invitation"),
    path("account/", account.account, name="account"),
    path("account/sessions/end/", account.end_other_sessions, name="end_sessions"),
    path("account/password/", passwords.change_password, name="change_password"),
    path("account/two-factor/", two_factor.two_factor, name="two_factor"),
    path("account/two-factor/codes/", two_factor.recovery_codes, name="recovery_codes"),
    path("account/two-factor/end/", two_factor.end, name="end_two_factor"),
    path("account/tokens/", tokens.tokens, name="tokens"),
    path("account/tokens/<int:token_id>/revoke/", tokens.revoke, name="revoke_token"),
]

BACK_OFFICE = [
    path("", home.study_list, name="study_list"),
    path("search/", search.search, name="search"),
    path("appearance/", appearance.choose_appearance, name="appearance"),
    *ACCOUNT,
    path("instruments/import/", importing.import_questionnaire, name="import_questionnaire"),
    path("instruments/", library.instrument_library, name="instrument_library"),
    path("instruments/new/", beginning.new_instrument, name="new_instrument"),
    path("instruments/shelf/", shelf.shelf_page, name="instrument_shelf"),
    *DRAFTS_OF_INSTRUMENTS,
    *PUBLISHED_INSTRUMENTS,
    path("import/draft/", data_import.draft_mapping, name="draft_mapping"),
    path("import/", data_import.import_data, name="import_data"),
    path("new-study/", drafts.new_study, name="new_study"),
    path("studies/<slug:slug>/edit/", drafts.edit_study, name="edit_study"),
    path("studies/<slug:slug>/study.toml", drafts.study_file, name="study_file"),
    path("studies/<slug:slug>/study.zip", drafts.study_zip, name="study_zip"),
    path("studies/<slug:slug>/copy/", drafts.copy_study, name="copy_study"),
    path("studies/<slug:slug>/new-version/", drafts.new_version, name="new_version"),
    path("studies/<slug:slug>/archive/", drafts.archive_study, name="archive_study"),
    path("studies/<slug:slug>/delete/", drafts.delete_study, name="delete_study"),
    path("studies/<slug:slug>/", overview.study_page, name="study"),
    path("studies/<slug:slug>/settings/", study_settings.study_settings, name="study_settings"),
    path("studies/<slug:slug>/design/", design.design, name="design"),
    path("studies/<slug:slug>/blocks/new/", blocks.new_block, name="new_block"),
    path("studies/<slug:slug>/blocks/<str:key>/", blocks.change_block, name="change_block"),
    path("studies/<slug:slug>/open/", overview.open_study, name="open_study"),
    path("studies/<slug:slug>/close/", overview.close_study, name="close_study"),
    path("studies/<slug:slug>/recruit/", recruit.recruit, name="recruit"),
    path("studies/<slug:slug>/rehearse/", rehearsal.rehearse, name="rehearse"),
    path("studies/<slug:slug>/links/new/", recruiting.new_link, name="new_link"),
    path("studies/<slug:slug>/links/<int:link_id>/qr.svg", recruiting.link_qr, name="link_qr"),
    path(
        "studies/<slug:slug>/links/<int:link_id>/switch/",
        recruiting.switch_link,
        name="switch_link",
    ),
    path("studies/<slug:slug>/links/<int:link_id>/terms/", recruit.terms, name="terms"),
    path("studies/<slug:slug>/links/list/", link_lists.new_link_list, name="new_link_list"),
    path("studies/<slug:slug>/link-lists/<int:list_id>/", link_lists.link_list, name="link_list"),
    path(
        "studies/<slug:slug>/link-lists/<int:list_id>/links.csv",
        link_lists.link_list_file,
        name="link_list_file",
    ),
    path(
        "studies/<slug:slug>/link-lists/<int:list_id>/sheet.pdf",
        link_lists.link_list_sheet,
        name="link_list_sheet",
    ),
    path(
        "studies/<slug:slug>/link-lists/<int:list_id>/addresses/",
        mails.addresses,
        name="addresses",
    ),
    path("studies/<slug:slug>/link-lists/<int:list_id>/bounced/", mails.bounced, name="bounced"),
    path("studies/<slug:slug>/link-lists/<int:list_id>/mail/", mails.new_mail, name="new_mail"),
    path("studies/<slug:slug>/mails/<int:mailing_id>/rest/", mails.send_again, name="send_again"),
    path("studies/<slug:slug>/mails/<int:mailing_id>/", mails.mailing, name="mailing"),
    path("studies/<slug:slug>/waves/", waves.waves, name="waves"),
    path("studies/<slug:slug>/quotas/", quotas.quotas, name="quotas"),
    path("studies/<slug:slug>/quotas/live/", quotas.quota_table, name="quota_table"),
    path("studies/<slug:slug>/people/", people.people, name="people"),
    path("studies/<slug:slug>/people/look/", people.look, name="look_at_people"),
    path("studies/<slug:slug>/people/<int:person_id>/erase/", people.erase, name="erase_person"),
    path("studies/<slug:slug>/people/<int:person_id>/flags/", people.flags, name="person_flags"),
    path("studies/<slug:slug>/people/retention/", people.retention, name="retention"),
    path("studies/<slug:slug>/people/people.csv", people.payment_list, name="payment_list"),
    path("studies/<slug:slug>/team/", team.team, name="team"),
    path("studies/<slug:slug>/members/new/", team.new_member, name="new_member"),
    path(
        "studies/<slug:slug>/members/<int:member_id>/",
        team.change_member,
        name="change_member",
    ),
    path(
        "studies/<slug:slug>/members/<int:member_id>/remove/",
        team.drop_member,
        name="drop_member",
    ),
    path(
        "studies/<slug:slug>/members/<int:member_id>/transfer/",
        team.transfer,
        name="transfer",
    ),
    path("studies/<slug:slug>/invitations/", team.new_invitation, name="new_invitation"),
    path(
        "studies/<slug:slug>/invitations/<int:invitation_id>/revoke/",
        team.take_invitation_back,
        name="revoke_invitation",
    ),
    path("studies/<slug:slug>/links/<int:link_id>/test/", recruit.try_out, name="try_out"),
    path("studies/<slug:slug>/tests/erase/", recruit.erase_all_tests, name="erase_tests"),
    path("studies/<slug:slug>/facts/", facts.state_facts, name="state_facts"),
    path("studies/<slug:slug>/data/", data.study_data, name="data"),
    path("studies/<slug:slug>/data/webhooks/", webhooks.webhooks, name="webhooks"),
    path(
        "studies/<slug:slug>/data/webhooks/<int:webhook_id>/", webhooks.steer, name="steer_webhook"
    ),
    path(
        "studies/<slug:slug>/data/webhooks/<int:webhook_id>/delete/",
        webhooks.drop_webhook,
        name="drop_webhook",
    ),
    path("studies/<slug:slug>/log/", log.log, name="log"),
    path("studies/<slug:slug>/log/log.csv", log.log_file, name="log_file"),
    path("studies/<slug:slug>/preview/", preview.preview, name="preview"),
    path("jobs/", jobs.jobs_page, name="jobs"),
    path("jobs/<int:job_id>/", jobs.job_fragment, name="job"),
    path("jobs/<int:job_id>/cancel/", jobs.cancel, name="cancel_job"),
    path("jobs/<int:job_id>/file/", jobs.job_file, name="job_file"),
]

urlpatterns = [*PARTICIPANTS, *BACK_OFFICE]
