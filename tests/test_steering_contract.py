"""Whoever steers is named: a use case takes `by`, or stands in this list with a reason."""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from surveys.services.audit import Actor

READS = "reads, and changes nothing"
OWN_PASSAGE = "a respondent's own passage, whose rows hold status and time"
PART = "part of a use case that is recorded"
NOT_STEERING = {
    READS: {
        "surveys.services.access.refusals.require_role",
        "surveys.services.access.invitations.invitation_told",
        "surveys.services.access.sessions.other_sessions",
        "surveys.services.access.two_factor.codes_left",
        "surveys.services.access.two_factor.is_required",
        "surveys.services.access.two_factor.is_set_up",
        "surveys.services.authoring.packing.instruments_of",
        "surveys.services.authoring.packing.packed_study",
        "analysis.runs.services.frame_of",
        "analysis.runs.services.sheet_of",
        "surveys.services.data.exports.act_of_export",
        "surveys.services.jobs.act_of_job",
        "surveys.services.jobs.require_file",
        "surveys.services.access.sealing.sealed",
        "surveys.services.access.sealing.unsealed",
        "surveys.services.webhooks.happenings.people_and_jobs",
        "surveys.services.webhooks.sending.place_of",
        "surveys.services.webhooks.sending.signature_of",
        "surveys.services.answers.for_answering",
        "surveys.services.submissions.not_stored",
        "surveys.services.submissions.question_and_content",
        "surveys.services.submissions.require_each_once",
        "surveys.services.submissions.require_in_order",
        "surveys.services.submissions.require_needed",
        "surveys.services.submissions.require_shown",
        "surveys.services.arrivals.find_recruited",
        "surveys.services.definitions.instrument_definition",
        "surveys.services.definitions.published_instruments",
        "surveys.services.definitions.readiness",
        "surveys.services.definitions.study_definition",
        "surveys.services.drafts.read_files",
        "surveys.services.data.export_rows.chosen_groups",
        "surveys.services.data.export_rows.export_content",
        "surveys.services.data.export_rows.export_rows",
        "surveys.services.data.export_rows.left_out",
        "surveys.services.data.export_rows.study_waves",
        "surveys.services.data.exports.export_choice",
        "surveys.services.data.mapped_study.require_one_condition",
        "surveys.services.data.imports.result_of",
        "surveys.services.data.import_files.draft_import",
        "surveys.services.data.mapped_study.asked_of_study",
        "surveys.services.data.mapped_study.language_of",
        "surveys.services.data.staging.clear_after",
        "surveys.services.data.staging.clear_dead_imports",
        "surveys.services.data.staging.clear_import",
        "surveys.services.data.staging.require_alone",
        "surveys.services.drafts.read_materials",
        "surveys.services.enrolment.take_back",
        "surveys.services.enrolment.time_is_up",
        "surveys.services.people.personal.way_of",
        "surveys.services.inviting.waves.waves_of",
        "surveys.services.inviting.waves.wave_counts",
        "surveys.services.inviting.waves.wave_to_write_about",
        "surveys.services.flagging.looking.flag_counts",
        "surveys.services.flagging.looking.flags_by_person",
        "surveys.services.flagging.passages.answered_by",
        "surveys.services.flagging.passages.behaviour",
        "surveys.services.flagging.passages.take_answer",
        "surveys.services.flagging.passages.visits_of",
        "surveys.services.flagging.signals.raise_flags",
        "surveys.services.flagging.looks.carry_out_look",
        "surveys.services.flagging.looks.too_many_to_wait_for",
        "surveys.services.flagging.signals.unlooked",
        "surveys.services.people.leaving.leaver_of",
        "surveys.services.inviting.mailing.can_send",
        "surveys.services.inviting.mailing.is_under_way",
        "surveys.services.inviting.bounces.mail_id",
        "surveys.services.inviting.mailboxes.imap_mailbox",
        "surveys.services.inviting.mailboxes.mails_in_file",
        "surveys.services.inviting.mailing.message_for",
        "surveys.services.people.link_lists.links_of",
        "surveys.services.people.link_lists.write_link_list",
        "surveys.services.studies.require_for_people",
        "surveys.services.people.leaving.leaving",
        "surveys.services.people.leaving.recruiter_secret",
        "surveys.services.access.signing_keys.keys_for",
        "surveys.services.authoring.draft_values.draft_values",
        "surveys.services.webhooks.happenings.key_of_person",
        "surveys.services.people.listing.as_people",
        "surveys.services.people.listing.look_up",
        "surveys.services.people.listing.people_found",
        "surveys.services.people.listing.people_of",
        "surveys.services.people.listing.sessions_of_people",
        "surveys.services.people.listing.write_payment_list",
        "surveys.services.people.leaving.turned_away",
        "surveys.services.people.quotas.followed_quotas",
        "surveys.services.people.quotas.is_full_on_arrival",
        "surveys.services.people.earlier.digest_of",
        "surveys.services.people.earlier.took_part_before",
        "surveys.services.people.quotas.most_of_link",
        "surveys.services.people.quotas.quota_states",
        "surveys.services.people.quotas.quotas_of",
        "surveys.services.people.receipts.own_data",
        "surveys.services.people.terms.terms_of",
        "surveys.services.importing.questionnaires.import_files",
        "surveys.services.authoring.instrument_drafts.revision_of",
        "surveys.services.drafts.read_packed_files",
        "surveys.services.authoring.media.contents_of",
        "surveys.services.authoring.media.known_media",
        "surveys.services.authoring.media.known_tables",
        "surveys.services.authoring.media.media_of",
        "surveys.services.authoring.media.no_file",
        "surveys.services.authoring.media.require_stored",
        "surveys.services.authoring.media.study_files",
        "surveys.services.authoring.media.tables_with_files",
        "surveys.services.authoring.media.zipped",
        "llm_respondents.services.workers.pictures_of",
        "surveys.services.authoring.instrument_drafts.following_version",
        "surveys.services.authoring.instrument_drafts.published_instrument",
        "surveys.services.authoring.instrument_library.may_delete",
        "surveys.services.importing.questionnaires.read_import",
        "surveys.services.importing.questionnaires.said_keys",
        "surveys.services.rehearsal.answer_keys",
        "surveys.services.definitions.demographic_fields",
        "surveys.services.rehearsal.read_form",
        "surveys.services.rehearsal.typed",
        "surveys.services.people.leaving.left_as",
        "surveys.services.recording.anonymity.as_stored",
        "surveys.services.recording.anonymity.require_nameless",
        "surveys.services.recording.anonymity.unordered_key",
        "llm_respondents.jobs.queued_panels",
        "llm_respondents.services.batch_runs.plan_batches",
        "llm_respondents.services.method.panel_method",
        "llm_respondents.services.collected.storing.fingerprint_of",
        "llm_respondents.services.runs.has_answers",
        "llm_respondents.services.workers.timeout_of",
        "llm_respondents.services.named_endpoints.chosen_spec",
        "llm_respondents.services.named_endpoints.endpoint_name",
        "llm_respondents.services.recruiting.swapped_history.donors_in",
        "llm_respondents.services.recruiting.swapped_history.items_of",
        "llm_respondents.services.recruiting.swapped_history.values_of",
        "llm_respondents.services.named_endpoints.endpoint_named",
        "llm_respondents.services.named_endpoints.endpoint_of",
        "llm_respondents.services.named_endpoints.listed_values",
        "llm_respondents.services.named_endpoints.terms_of",
        "llm_respondents.services.recruiting.recruitment.clusters_to_recruit",
        "llm_respondents.services.recruiting.recruitment.sessions_to_recruit",
        "llm_respondents.services.recruiting.recruitment.require_recruitable",
        "llm_respondents.services.recruiting.seats.matchable",
        "llm_respondents.services.recruiting.seats.require_seats",
        "llm_respondents.services.recruiting.seats.seats_of",
        "llm_respondents.services.recruiting.seats.shuffles_items",
        "llm_respondents.services.workers.limits_of",
        "llm_respondents.services.workers.make_endpoint_provider",
        "llm_respondents.services.workers.make_provider",
        "llm_respondents.services.workers.pace_of_panel",
        "llm_respondents.services.operating.listing.checksum",
        "llm_respondents.services.operating.listing.list_text",
        "llm_respondents.services.operating.trying.try_endpoint",
        "llm_respondents.jobs.subject_of",
        "llm_respondents.services.workers.queue_options",
        "llm_respondents.services.workers.require_provider",
        "llm_respondents.services.workers.shared_gate",
        "llm_respondents.services.afterwards.reading_checks.allotted",
        "llm_respondents.services.afterwards.probing_again.require_endpoint",
        "llm_respondents.services.probing.objection",
        "llm_respondents.services.runs.require_price",
        "llm_respondents.services.recruiting.swapped_history.refs_told",
        "llm_respondents.services.recruiting.swapped_history.require_own_answers",
        "llm_respondents.services.workers.pace_of",
        "analysis.plans.drafting.services.check_draft",
        "analysis.plans.drafting.services.draft_named",
        "analysis.plans.services.is_frozen_otherwise",
        "analysis.plans.services.model_answers",
        "analysis.plans.services.comparison_plan",
        "analysis.plans.services.exclusion_rules",
        "analysis.plans.services.plan_facts",
        "analysis.plans.services.resampling",
        "analysis.plans.services.sensitivity_grid",
        "analysis.quality.services.ended_now",
        "analysis.quality.services.latest_look",
        "analysis.quality.services.look_at_study",
        "analysis.plans.services.takes_means",
        "analysis.archive.services.archive_at_hand",
        "analysis.archive.services.is_quick",
    },
    OWN_PASSAGE: {
        "surveys.services.answers.record_answer_batch",
        "surveys.services.answers.record_answers",
        "surveys.services.answers.record_locked",
        "surveys.services.enrolment.record_participant_answers",
        "surveys.services.answers.record_whole",
        "surveys.services.recording.batch.write_whole",
        "surveys.services.recording.first_time.record_first_time",
        "surveys.services.recording.beginning.begin_administration",
        "surveys.services.recording.beginning.begin_administrations",
        "surveys.services.recording.beginning.begin_prepared",
        "surveys.services.enrolment.complete_administration",
        "surveys.services.enrolment.complete_administrations",
        "surveys.services.recording.anonymity.hide_clock",
        "surveys.services.recording.anonymity.hide_clocks_of_silent",
        "surveys.services.recording.consent_page.record_consent_page",
        "surveys.services.arrivals.count_load",
        "surveys.services.arrivals.decline",
        "surveys.services.arrivals.enrol_person",
        "surveys.services.arrivals.record_alert",
        "surveys.services.enrolment.end_early",
        "surveys.services.people.crediting.ask_for_credit",
        "surveys.services.people.leaving.leave_computer",
        "surveys.services.inviting.contacts.unsubscribe",
        "surveys.services.people.quotas.find_place",
        "surveys.services.people.quotas.free_places",
        "surveys.services.people.quotas.leave_places",
        "surveys.services.people.tidying.end_late",
        "surveys.services.enrolment.record_demographics",
        "surveys.services.enrolment.stop_administration",
        "surveys.services.enrolment.store_passages",
    },
    PART: {
        # Whoever makes an account is its user; whoever forgot a password is nobody yet.
        "surveys.services.access.accounts.make_account",
        "surveys.services.access.new_passwords.ask_for_new_password",
        "surveys.services.access.new_passwords.carry_out_new_password",
        # A program's request, whose acts are recorded.
        "surveys.services.access.tokens.token_told",
        "surveys.services.access.repeating.claim_request",
        # What happened is told by the worker, to addresses that somebody arranged.
        "surveys.services.webhooks.happenings.find_happenings",
        "surveys.services.webhooks.happenings.register_source",
        "surveys.services.webhooks.sending.send",
        "surveys.services.webhooks.telling.tell",
        "surveys.services.webhooks.telling.tell_what_happened",
        "surveys.services.access.repeating.forget_answered_requests",
        # Mails, on behalf of whoever wrote them, and the end of a retention.
        "surveys.services.access.invitations.carry_out_invitation_mail",
        "surveys.services.access.invitations.forget_invitation_address",
        "surveys.services.inviting.mailing.carry_out_mailing",
        "surveys.services.inviting.contacts.forget_addresses",
        "surveys.services.authoring.media.forget_unused_media",
        # Credit for somebody who handed in.
        "surveys.services.people.crediting.carry_out_credits",
        "surveys.services.rehearsal.carry_out_rehearsal",
        "surveys.services.people.crediting.send_due_credits",
        "surveys.services.people.crediting.wake",
        "surveys.services.people.tidying.wake_credit",
        # Setting the terms of a link.
        "surveys.services.people.quotas.set_most_of_link",
        # Erasing somebody, and the end of a retention.
        "surveys.services.people.erasure.forget_identity",
        "surveys.services.people.earlier.keep_hashes",
        # Recruiting and importing.
        "surveys.services.studies.people_group",
        "surveys.services.studies.tests_group",
        "surveys.services.recording.beginning.new_administration",
        "surveys.services.recording.beginning.prepared_administrations",
        "surveys.services.recording.beginning.require_open",
        "surveys.services.recording.batch.blur_times",
        "surveys.services.recording.batch.move_times",
        "surveys.services.recording.beginning.insert_begun",
        # Asking lost turns again.
        "surveys.services.enrolment.reopen_sessions",
        # Making a draft, and changing it.
        "surveys.services.study_content.study_checksum",
        "surveys.services.study_content.write_content",
        "llm_respondents.services.method.record_method",
        # A person's withdrawal.
        "llm_respondents.services.erasure.forget_gone",
        "llm_respondents.services.erasure.forget_person",
        # Jobs, on behalf of whoever queued them.
        "llm_respondents.services.runs.leave_panel",
        "analysis.runs.services.carry_out_fit",
        "analysis.quality.services.carry_out_look",
        "analysis.report.services.carry_out_report",
        "analysis.archive.services.carry_out_archive",
        "surveys.services.data.exports.carry_out_export",
        "surveys.services.data.import_files.carry_out_import",
        "llm_respondents.services.reparsing.carry_out_rereading",
        "surveys.services.data.import_files.forget_import",
        # Which app reads replies of models.
        "surveys.services.data.import_files.register_model_import",
        # Importing answers of models.
        "llm_respondents.services.collected.method.record_collected_method",
        "llm_respondents.services.collected.storing.store_sessions",
        # Runs and cancelling.
        "analysis.runs.services.end_run",
        "llm_respondents.services.runs.finish",
        "llm_respondents.services.runs.reclaim_leases",
        "llm_respondents.services.steering.close_sessions",
        "llm_respondents.services.steering.end_cancelled",
    },
}
EXEMPT = set().union(*NOT_STEERING.values())
# The act of recording itself.
THE_RECORDER = "surveys.services.audit"


def service_modules() -> Iterator[ModuleType]:
    """`services`, and whatever is in it, anywhere in the apps; and the doors that queue."""
    for app in ("surveys", "llm_respondents", "analysis"):
        package = importlib.import_module(app)
        for found in pkgutil.walk_packages(package.__path__, f"{app}."):
            if "services" in found.name.split(".") and found.name != THE_RECORDER:
                yield importlib.import_module(found.name)
    yield importlib.import_module("llm_respondents.jobs")


def use_cases(module: ModuleType) -> Iterator[tuple[str, Callable[..., Any]]]:
    for name, made in vars(module).items():
        if inspect.isfunction(made) and not name.startswith("_"):
            function = inspect.unwrap(made)
            if function.__module__ == module.__name__:
                yield f"{module.__name__}.{name}", function


def names_nobody(function: Callable[..., Any]) -> bool:
    """Whether it can be called without saying who does it."""
    by = inspect.signature(function).parameters.get("by")
    if by is None:
        return True
    return by.kind is not inspect.Parameter.KEYWORD_ONLY or by.default is not by.empty


ALL = {name: function for module in service_modules() for name, function in use_cases(module)}


def test_every_use_case_says_who_did_it_or_stands_in_the_list():
    assert sorted(name for name in ALL.keys() - EXEMPT if names_nobody(ALL[name])) == []


def test_the_list_names_nothing_that_is_gone_or_says_who_did_it():
    assert sorted(name for name in EXEMPT if name not in ALL or not names_nobody(ALL[name])) == []


def test_the_use_cases_are_found():
    assert {
        "surveys.services.studies.close_study",
        "surveys.services.rehearsal.rehearse",
        "llm_respondents.services.steering.cancel_panel",
        "llm_respondents.jobs.queue_batch_panel",
        "analysis.archive.services.build_archive",
        "analysis.runs.services.fit_models",
    } <= ALL.keys() - EXEMPT


def _silent(*, study: object) -> None: ...
def _forgetful(*, study: object, by: Actor | None = None) -> None: ...
def _positional(study: object, by: Actor) -> None: ...
def _honest(*, study: object, by: Actor) -> None: ...


@pytest.mark.parametrize("planted", [_silent, _forgetful, _positional])
def test_a_use_case_that_can_hide_who_did_it_is_found(planted):
    assert names_nobody(planted)


def test_a_use_case_that_names_somebody_passes():
    assert not names_nobody(_honest)
