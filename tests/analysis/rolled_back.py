"""A database and a media directory for a whole module, forgotten when its fixture is done.

A fixture that yields inside `rolled_back` keeps its rows for the tests of the module: each test
runs in a savepoint of its own. Let tests read rows anew, not use those that the fixture made.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryDirectory

from django.db import transaction
from django.test import override_settings
from factories import TESTER, make_draft, make_user
from printed_pages import pages_of
from pytest_django.plugin import DjangoDbBlocker

from analysis.compare.results import Comparison
from analysis.models import AnalysisRun
from analysis.report.services import build_report
from analysis.runs.selectors import run_comparison
from surveys import selectors, services
from surveys.models import Membership, Study


@dataclass(frozen=True)
class Reported:
    """What a run found and what its report says: what is left once the rows are gone.

    `letters` are those of all pages without white space: lines break where they must.
    """

    comparison: Comparison
    letters: str

    def says(self, sentence: str) -> bool:
        """Whether the report has this sentence, wherever its lines break."""
        return _letters(sentence) in self.letters


def _letters(text: str) -> str:
    return "".join(text.split()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")


@contextmanager
def rolled_back(blocker: DjangoDbBlocker) -> Iterator[None]:
    """Whatever is written inside is gone afterwards. Tests of the module need `django_db`."""
    with (
        blocker.unblock(),
        transaction.atomic(),
        TemporaryDirectory() as media,
        override_settings(MEDIA_ROOT=media),
    ):
        selectors.forget_frozen_studies()
        yield
        transaction.set_rollback(True)


def make_open_study() -> Study:
    """The bundled study, open, with owner and collaborator: `open_study` for a whole module."""
    study = make_draft(make_user("owner"))
    helper = make_user("collaborator")
    services.add_member(study=study, user=helper, role=Membership.Role.EDITOR, by=TESTER)
    return services.open_study(study=study, by=TESTER)


def reported(run: AnalysisRun) -> Reported:
    """Write the report of a run and its supplement, and read both."""
    report = build_report(run=run, by=TESTER)
    pages = []
    for document in (report.file, report.supplement):
        with document.open() as file:
            pages += pages_of(file.read())
    return Reported(run_comparison(run), _letters("".join(pages)))
