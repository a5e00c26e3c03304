"""Facts of the sample study: some recorded, some left out on purpose."""

from sample_wording import CONSENT_TEXT, ITEM_PROMPT, SYSTEM_PROMPT

from analysis.report.facts import ModelArm, ModellingFacts, PeopleArm, Provenance, StudyFacts
from analysis.runs.datasheet import DemographicRow, Exclusion, ModelFlow, PeopleFlow

DATA_SHA256 = "9b1f4c77d2a05e6683f0c1b8a94de2170c35f86bb7e14d902a6fc8315de07b4a"


def study():
    """Title page; the conflicts are left out on purpose."""
    return StudyFacts(
        title=(
            "Privacy concern, prosocialness and the sharing of data: simulated people and three "
            "scripted models answer one questionnaire"
        ),
        study_id="privacy-prosocial",
        report_id="R-0007",
        software_version="Counterpart 0.1.0",
        data_sha256=DATA_SHA256,
        date="24 November 2026",
        question=(
            "Do language models relate privacy concern and prosocialness to the sharing of data "
            "in the same directions as people do?"
        ),
        analyst="M. Weber",
        funding="University research fund, grant 12-345",
        model_access_payer="the research group",
        preregistration="osf.io/abcde",
        deviations="none",
    )


def people_arm():
    """A simulated sample; log file, cookies and IP check are left out on purpose."""
    return PeopleArm(
        target_population="adults who use online services (simulated)",
        sampling_frame="none; respondents drawn from a profile of known traits",
        survey_access="open",
        recruitment="open link",
        incentive="none",
        voluntary="voluntary",
        weighting="unweighted convenience sample; no margin of sampling error is stated",
        field_dates="20 to 22 November 2026",
        mode="web form, self-administered",
        languages="English",
        devices="not restricted; not distinguished",
        ethics_approval="not required (simulated respondents)",
        consent="information and consent page, version 1.0; declining ends the questionnaire",
        stated_duration="12 minutes",
        data_storage="PostgreSQL on a university server",
        retention="10 years",
        deletion_route="from the respondent's own link, also after the end",
        pilot_testing="12 simulated walks through every page",
        pages="6",
        items_per_page="8",
        order_randomisation="items within each block, by a stored seed",
        branching="none",
        forced_answers="none; every item may be left out",
        back_button="yes; the last answer before the final page counts",
        completeness_check="one reminder per page, can be passed",
        visitor_determination="one response token per first submit",
        duplicate_prevention="one response per link and id of a recruiter",
        duplicates_dropped="0",
        time_cutoffs="under 2 seconds an item",
        partials="kept when at least 80% of items were answered",
        bot_screening="instructed and infrequency items; no further screening",
        consent_text=CONSENT_TEXT,
        exclusions=(
            Exclusion("answered too fast", 4, "median under 2 s an item"),
            Exclusion("failed attention checks", 9, "2 of 2 wrong"),
            Exclusion("straight-lining", 1, "one answer in a whole block"),
            Exclusion("incomplete", 2, "under 80% of items"),
        ),
        demographics=(
            DemographicRow("Gender", "women", 148),
            DemographicRow("Gender", "men", 131),
            DemographicRow("Gender", "other or not said", 5),
            DemographicRow("Age", "18–29", 71),
            DemographicRow("Age", "30–49", 122),
            DemographicRow("Age", "50 and over", 91),
            DemographicRow("Education", "school", 103),
            DemographicRow("Education", "university", 181),
        ),
    )


def flows(people, models):
    """Both flows; one failure in every panel."""
    person = PeopleFlow(
        group=people,
        visited=412,
        started=331,
        consented=318,
        completed=300,
        kept=284,
        declined=13,
        withdrawn=0,
        exclusions=people_arm().exclusions,
    )
    panels = tuple(
        ModelFlow(
            group=key,
            recruited=204,
            begun=201,
            finished=200,
            kept=200,
            exclusions=(Exclusion("budget stop", 1),),
        )
        for key in models
    )
    return (person,), panels


def model_arms(models):
    """Three scripted panels that differ in model id and seed."""
    return tuple(
        ModelArm(
            group=key,
            purpose="respondent",
            automation="full; no person in the loop while answering",
            checked_by="M. Weber, a random 5% of parses",
            provider="scripted (part of this software)",
            model_id=f"scripted/{key}@1",
            model_size="no weights: known latent traits",
            access_route="in process",
            run_dates="23 November 2026",
            temperature="not applicable",
            top_p="not applicable",
            max_tokens="16",
            seed=str(1000 + at),
            reasoning="none",
            penalties="none",
            stop="none",
            tools="no tools, no retrieval, no fine-tuning",
            call_structure="one chat a session, one item a turn",
            history="full: every earlier question and answer",
            session_bound="44 turns",
            context_used="at most 3,900 tokens",
            persistent_memory="off",
            retries="at most 2 re-asks an item; 31 used",
            persona_frame="none: no persona was given",
            answer_format="JSON schema with the allowed codes",
            order_rule="blocks fixed, items by seed, scale direction balanced",
            parsing_rule="schema, then a single integer",
            parsed_at_once="99.2%",
            parsed_after_retry="0.6%",
            refused="0.1%",
            out_of_range="0.0%",
            imputation="none",
            human_parse_check="380 parses, agreement 100%",
            unit_of_analysis="session; cluster = order seed",
            what_varies="order seed and scale direction",
            archive="replication archive beside this report",
            cost="USD 0.00",
            contamination="scales are public in content; wording is new",
            drift_check="first block repeated at the end: identical",
            system_prompt=SYSTEM_PROMPT,
            item_prompt=ITEM_PROMPT,
        )
        for at, key in enumerate(models)
    )


def modelling():
    """Facts of the structural models."""
    return ModellingFacts(
        identification="three or more indicators a construct; marker loadings fixed to 1; "
        "df = 66 moments − 25 parameters = 41",
        latent_scaling="first indicator of each construct",
        direction_rationale="attitudes were asked before the sharing scenarios; the arrows state "
        "the hypothesis of the plan, not a cause",
        equivalent_models="sharing as predictor of privacy concern fits equally well",
        estimator_reason="MLR: items are skewed",
        starting_values="defaults; at most 24 iterations",
        missing_mechanism="missing at random, given the other items",
        missing_handling="full information maximum likelihood; failed answers are never filled",
        improper_solutions="none",
        fit_criteria="CFI ≥ .95 and RMSEA ≤ .06 as guides, residuals beside them",
        respecification="none",
        planned_n="300 people and 200 sessions a model",
        detectable_path="β = .16 at 80% power, n = 300",
        common_method="one-factor model fits worse: CFI .41",
        interpreted_as_specified=True,
    )


def provenance():
    """Hashes, versions, seeds, dates."""
    return Provenance(
        plan_sha256="1c9e" + "0d" * 30,
        plan_frozen_at="19 November 2026, 09:12 UTC",
        model_answers_when_frozen=0,
        plan_frozen_by="M. Weber",
        data_sha256=DATA_SHA256,
        instrument_sha256="see the table of instruments",
        prompt_sha256="e8b2" + "5a" * 30,
        run_id="run 3",
        seeds="resampling 20261124",
        software="Counterpart 0.1.0, Python 3.11, NumPy 2.4, SciPy 1.17, reportlab 5.1",
        platform="Linux x86-64",
        started_at="24 November 2026, 05:02 UTC",
        finished_at="24 November 2026, 05:03 UTC",
        data_availability="replication archive",
        code_availability="GPL-3.0-or-later",
        prompt_availability="printed in the appendix and in the archive",
        licences="data CC BY 4.0, code GPL-3.0-or-later",
    )
