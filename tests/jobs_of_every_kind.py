"""One job of every kind that is registered: how it is begun, and what must be there once.

`start` sets `job`, `once` sets `found`; both are code that runs inside an installation of its own,
with `study`, `by` (a user at a command) and `n`, a number that no other job of the kind has. What
`once` finds after a worker was killed has to be what it finds where none was.
"""

from dataclasses import dataclass

# What `start` and `once` may use.
AT_HAND = """
from django.contrib.auth import get_user_model
from surveys.models import *
from surveys.services.audit import command_actor
study = Study.objects.get(slug="privacy-prosocial")
by = command_actor(get_user_model().objects.get(username="olga"))
"""

# What a worker reads before the first job begins: a fitted plan, people, a link with credit, a
# mailing list.
SET_UP = (
    AT_HAND
    + """
from dataclasses import replace
from analysis.plans.files import Draws, bundled_plan, load_plan
from analysis.plans.services import freeze_plan
from analysis.runs.services import fit_models
from tests.analysis.respondents import answer_as, make_group
for key, kind, profile, seed in (
    ("people", "human", "people", 1), ("panel", "llm", "people-like", 500)
):
    answer_as(study, make_group(study, key, kind), profile=profile, n=30, seed=seed)
plan = replace(load_plan(bundled_plan(study.slug)), draws=Draws(1, 0, 0, 0), sensitivity=())
frozen = freeze_plan(study=study, plan=plan, reference_group="people", by=by)
fit_models(plan=frozen, by=by)
# People are written to, and get credit, in a study of their own.
from surveys import services
from surveys.instrument_files import bundled_study
asked = bundled_study(study.slug)
asked = replace(
    asked, slug="for-people", consent=replace(asked.consent, contact="Laboratory, lab@example.org")
)
services.open_study(study=services.create_study(definition=asked, owner=by.user, by=by), by=by)
"""
)


@dataclass(frozen=True)
class Case:
    """A kind of job. `ends` is how it ends for good after one death of its worker.

    Beside the three moments at which every worker is killed, one of a kind that tells somebody
    outside is killed at each of its first `moments` statements.
    """

    start: str
    once: str
    ends: str = "done"
    needs: tuple[str, ...] = ()
    moments: int = 0


CASES: dict[str, Case] = {
    "fit": Case(
        """
from analysis.models import AnalysisPlan
from analysis.runs.services import start_fit
job = start_fit(plan=AnalysisPlan.objects.get(), by=by).pk
""",
        """
from analysis.models import AnalysisRun
runs = AnalysisRun.objects.filter(job=job)
reports = Job.objects.filter(kind="report", parameters__run__in=[run.pk for run in runs])
found = [[run.status for run in runs], reports.count()]
""",
    ),
    "report": Case(
        """
from analysis.models import AnalysisRun
from analysis.report.services import start_report
run = AnalysisRun.objects.filter(status="done").first()
run.pk = None
run.job = None
run.save()
job = start_report(run=run, by=by).pk
""",
        """
from analysis.models import Report
reports = Report.objects.filter(run=Job.objects.get(pk=job).parameters["run"])
found = [len(list(reports)), [bool(one.file.size and one.supplement.size) for one in reports]]
""",
    ),
    "archive": Case(
        """
from analysis.archive.services import start_archive
from analysis.models import AnalysisRun
job = start_archive(run=AnalysisRun.objects.filter(status="done").first(), by=by).pk
""",
        """
row = Job.objects.get(pk=job)
found = [bool(row.file and row.file.size), row.result]
""",
    ),
    "power": Case(
        """
from analysis.models import AnalysisPlan
from analysis.plans.expectations import Assumptions
from analysis.plans.power_analysis import parameters, start_power
from analysis.plans.services import comparison_plan
plan = comparison_plan(AnalysisPlan.objects.get())
paths = {path.key: 0.3 * (path.expected_sign or 1) for path in plan.paths}
expected = Assumptions(people_n=100, model_n=60, paths=paths, model_paths={})
job = start_power(study=study, given=parameters(plan, expected, 4), by=by).pk
""",
        "found = Job.objects.get(pk=job).result",
    ),
    "quality": Case(
        """
from analysis.quality.services import start_look
job = start_look(study=study, by=by).pk
""",
        """
result = Job.objects.get(pk=job).result
found = [result["version"], sorted(result["look"])]
""",
    ),
    "import": Case(
        """
from pathlib import Path
from django.conf import settings
from surveys.services.data.import_files import start_import
mapping = Path(settings.BASE_DIR, "docs/examples/german-cwa/mapping.toml").read_text()
mapping = mapping.replace('slug = "german-cwa"', f'slug = "german-cwa-{n}"')
columns = (
    ["rid"] + [f"data_control_{i}" for i in (1, 2, 3)]
    + [f"soc_responsibility_{i}" for i in range(1, 7)]
    + [f"app_attitudes_{i}" for i in range(1, 6)]
    + ["app_install", "age_cat", "female", "educ_cat", "weight"]
)
row = "9,8,7,3,3,7,1,2,4,1,5,2,2,4,1,50-59,FALSE,mid,1.1"
data = "\\n".join([",".join(columns), *(f"{i},{row}" for i in range(5))]) + "\\n"
job = start_import(
    mapping_text=mapping, mapping_name="mapping.toml", content=data.encode(), name="people.csv",
    by=by,
).pk
""",
        """
found = [
    Respondent.objects.filter(study__slug=f"german-cwa-{n}").count(),
    Answer.objects.filter(administration__study__slug=f"german-cwa-{n}").count(),
    ImportedFile.objects.filter(study__slug=f"german-cwa-{n}").count(),
    bool(Job.objects.get(pk=job).file),
]
""",
    ),
    "export": Case(
        """
from surveys.services.data.exports import export_choice, start_export
choice = export_choice({"formats": ["csv"], "groups": ["people"]}, study)
job = start_export(study=study, choice=choice, by=by).pk
""",
        """
import zipfile
row = Job.objects.get(pk=job)
with row.file.open("rb") as opened, zipfile.ZipFile(opened) as packed:
    found = [row.result, packed.testzip(), len(packed.namelist())]
""",
    ),
    "mailing": Case(
        """
from surveys.recruiters.link_lists import ListDraft, numbered
from surveys.recruiters.mails import Address, MailDraft
from surveys.services.inviting.contacts import set_addresses
from surveys.services.inviting.mailing import send_mailing
from surveys.services.people.link_lists import make_link_list
study = Study.objects.get(slug="for-people")
lines = numbered(3)
made = make_link_list(study=study, draft=ListDraft(f"List {n}", lines, kind="personal"), by=by)
addresses = [Address(one.pseudonym, f"{one.pseudonym}-{n}@example.org") for one in lines]
set_addresses(link_list=made, addresses=addresses, by=by)
words = {one: "{link} {unsubscribe}" for one in study.languages}
draft = MailDraft(subjects={one: "Come" for one in words}, texts=words, per_minute=600)
send_mailing(link_list=made, draft=draft, by=by)
job = Job.objects.filter(kind="mailing").latest("pk").pk
""",
        """
rows = Delivery.objects.filter(mailing=Job.objects.get(pk=job).parameters["mailing"])
found = {f"{one.contact.address}": one.state for one in rows.select_related("contact")}
""",
        needs=("mail",),
        moments=40,
    ),
    # A mail is not sent a second time unasked.
    "invitation": Case(
        """
from surveys.services.access.invitations import invite, send_invitation
made, told = invite(study=study, role="viewer", by=by, email=f"colleague-{n}@example.org")
job = send_invitation(invitation=made, address=f"https://here.example/{told}", by=by).pk
""",
        "found = Job.objects.get(pk=job).parameters.get('address', '')",
        ends="failed",
        needs=("mail",),
    ),
    # A link that comes twice does no harm; one that does not come keeps somebody out.
    "new_password": Case(
        """
from surveys.services.access.new_passwords import ask_for_new_password
by.user.email = "olga@example.org"
by.user.set_password("quiet lamps over water")
by.user.save()
job = ask_for_new_password(email="Olga@example.org", language="en").pk
""",
        "found = Job.objects.get(pk=job).result",
        needs=("mail",),
    ),
    "credits": Case(
        """
from surveys.recruiters import Exit, LinkTerms, Outcome
from surveys.services.people.terms import set_terms
from factories import answer_everything, make_person
from surveys import services
address = (
    "https://school.sona-systems.com/services/SonaAPI.svc/WebstudyCredit"
    "?experiment_id=123&credit_token={secret}&survey_code={id}"
)
study = Study.objects.get(slug="for-people")
link = services.create_link(study=study, label=f"Sona {n}", recruiter="sona", by=by)
exits = {Outcome.COMPLETE: Exit(credit=address)}
set_terms(link=link, terms=LinkTerms(exits=exits, secret_name="SONA"), by=by)
link.refresh_from_db()
for one in (1, 2):
    person = make_person(link, recruiter_id=f"{n}{one}")
    answer_everything(person)
    services.complete_administration(administration=person)
job = Job.objects.filter(kind="credits").latest("pk").pk
""",
        """
link = Job.objects.get(pk=job).parameters["link"]
rows = Credit.objects.filter(administration__respondent__link=link)
found = {one.administration.respondent.recruiter_id[-1]: one.state for one in rows}
""",
        needs=("sona",),
        moments=24,
    ),
    "rehearsal": Case(
        """
from surveys.services.rehearsal import start_rehearsal
before = Administration.objects.filter(respondent__link__simulated=True).count()
job = start_rehearsal(study=study, people=before + 3, by=by).pk
""",
        """
rows = Administration.objects.filter(respondent__link__simulated=True)
ids = list(rows.values_list("respondent__recruiter_id", flat=True))
answers = Answer.objects.filter(administration__in=rows)
found = [
    len(ids) - Job.objects.get(pk=job).parameters["people"], len(ids) - len(set(ids)),
    rows.exclude(status="completed").count(), answers.count() / len(ids),
    answers.exclude(revision=1).count(),
]
""",
    ),
    "flags": Case(
        """
from surveys.services.flagging import signals
from surveys.services.flagging.looks import start_look_at_people
from tests.analysis.respondents import answer_as, make_group
signals.MOST_AT_ONCE = 5  # at once: more than one part, of few people
answer_as(study, make_group(study, f"flagged-{n}", "human"), profile="people", n=6, seed=9)
FlagCheck.objects.filter(administration__study=study).delete()
job = start_look_at_people(study=study, by=by).pk
""",
        """
newest = RespondentGroup.objects.filter(key__startswith="flagged-").latest("pk")
looked = FlagCheck.objects.filter(administration__group=newest)
found = looked.count()
""",
    ),
    "tidying": Case(
        """
from surveys.jobs.queue import start_job
job = start_job("tidying", study=None, queued_by=by.as_json()).pk
""",
        "found = Job.objects.get(pk=job).result",
    ),
    "recruiting": Case(
        """
from decimal import Decimal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs.recruiting import recruit_or_queue
spec = PanelSpec(model="small", base_url=ENDPOINT, sessions=251, seed=7)
job = recruit_or_queue(study=study, spec=spec, key=f"many-{n}", cap=Decimal(5), by=by).pk
""",
        """
from llm_respondents.models import Panel
row = Job.objects.get(pk=job)
panels = Panel.objects.filter(group__key=row.parameters["key"])
sessions = Administration.objects.filter(group__key=row.parameters["key"])
found = [
    [(one.members.count(), one.spend_cap_nano) for one in panels], sessions.count(),
    [one.pk for one in panels] == [row.result["panel"]],
    Respondent.objects.filter(group__key=row.parameters["key"]).count(),
]
""",
        needs=("endpoint",),
    ),
    "panel": Case(
        """
from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs import queue_run
from llm_respondents.services import recruit_panel
spec = PanelSpec(model="small", base_url=ENDPOINT, sessions=2, seed=7)
panel = recruit_panel(study=study, spec=spec, key=f"panel-{n}", by=by)
job = queue_run(panel=panel, by=by).pk
""",
        """
from llm_respondents.models import Attempt, Panel
panel = Panel.objects.get(pk=Job.objects.get(pk=job).subject.partition(":")[2])
sessions = Administration.objects.filter(respondent__group=panel.group)
answers = Answer.objects.filter(administration__in=sessions)
used = Attempt.objects.filter(administration__in=sessions, used=True)
found = [panel.status, answers.count(), answers.exclude(revision=1).count(), used.count()]
""",
        needs=("endpoint",),
    ),
    "batches": Case(
        """
from llm_respondents.conversation.prompts import Arm
from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs import queue_batch_panel
from llm_respondents.services import recruit_panel
spec = PanelSpec(
    model="small", base_url=ENDPOINT, sessions=2, seed=7, arms=(Arm(history="none"),)
)
panel = recruit_panel(study=study, spec=spec, key=f"batches-{n}", by=by)
queue_batch_panel(panel_id=panel.pk, by=by)
job = Job.objects.filter(kind="batches").latest("pk").pk
""",
        """
from llm_respondents.models import Attempt, BatchCall, Panel
panel = Panel.objects.get(pk=Job.objects.get(pk=job).subject.partition(":")[2])
sessions = Administration.objects.filter(respondent__group=panel.group)
answers = Answer.objects.filter(administration__in=sessions)
calls = BatchCall.objects.filter(batch__panel=panel)
found = [
    panel.status, answers.count(), answers.exclude(revision=1).count(),
    calls.count(), calls.filter(collected=False).count(),
]
""",
        needs=("endpoint", "batch"),
    ),
    "probe": Case(
        """
from llm_respondents.design.spec import PanelSpec
from llm_respondents.jobs import queue_probe
from llm_respondents.services import recruit_panel
spec = PanelSpec(model="small", base_url=ENDPOINT, sessions=1, seed=7)
panel = recruit_panel(study=study, spec=spec, key=f"probe-{n}", by=by)
job = queue_probe(panel=panel, by=by).pk
""",
        "found = Job.objects.get(pk=job).result['halt']",
        needs=("endpoint",),
    ),
    # A call to try an endpoint is paid for: nobody makes it a second time unasked.
    "trial": Case(
        """
from llm_respondents.jobs import queue_trial
job = queue_trial(endpoint="ours", model="small", by=by).pk
""",
        "found = Job.objects.get(pk=job).result.get('failure')",
        ends="failed",
        needs=("endpoint",),
    ),
    # Imported replies, of which one was read by a parser that knew less.
    "rereading": Case(
        """
from llm_respondents.jobs import queue_rereading
from tests.llm_respondents.readout.collected import collected, lines, mapping_text, session
here = Study.objects.filter(slug="tea").exists()
text = mapping_text('study = "tea"', study="") if here else mapping_text()
replies = {"liking.good": "3", "liking.bitter": "Disagree", "habit.daily": "1", "habit.green": "0"}
rows = [row for one in "abc" for row in session(one, replies, panel=f"gpt-{n}")]
collected(by.user, lines(*rows), text)
group = RespondentGroup.objects.filter(imported=True).latest("pk")
Answer.objects.filter(administration__group=group, item__key="good").update(value=1)
job = queue_rereading(group=group, by=by).pk
""",
        """
group = Job.objects.get(pk=job).parameters["group"]
answers = Answer.objects.filter(administration__group=group)
good = answers.filter(item__key="good").values_list("value", "revision")
found = [list(good), answers.filter(revision__gt=1).count()]
""",
    ),
    "backup": Case(
        """
from config.backups.jobs import start_backup
job = start_backup(by=by).pk
""",
        """
import zipfile
from pathlib import Path
from django.conf import settings
folder = Path(settings.DATA_DIR, "backups")
name = Job.objects.get(pk=job).result["file"]
with zipfile.ZipFile(folder / name) as packed:
    found = packed.testzip()
""",
    ),
}
