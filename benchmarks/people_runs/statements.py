"""What a person costs within one process who answers the bundled study: CPU time, statements.

People are simulated and go the whole way, consent to code, by the addresses, forms and validation
of the pages, one after the other; what reads and fills in the forms in a browser's place is part of
the time. The time of a database server is not in it.
"""

import os
import sys
import time
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

from people_runs.study import ROOT

FIRST = 5


def measure(people: int, url: str, directory: Path) -> None:
    """Make a study, let `people` answer it after a few that warm the process up, print a line."""
    os.environ |= {"DATABASE_URL": url, "DATA_DIR": str(directory)}
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.db import connection, connections

    answer = _study()
    answer(FIRST)
    statements = 0

    def counted(execute: Callable[..., Any], *args: Any) -> Any:
        nonlocal statements
        statements += 1
        return execute(*args)

    with connection.execute_wrapper(counted):
        wall, cpu = time.perf_counter(), time.process_time()
        answer(FIRST + people)
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    print(
        f"{people} people: {1000 * cpu / people:.1f} ms of the processor and "
        f"{statements / people:.1f} statements each; {people / wall:.1f} a second by the clock"
    )
    connections.close_all()


def _study() -> Callable[[int], object]:
    """The bundled study, open; whoever calls what is returned lets so many people have answered."""
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from surveys.models import Study
    from surveys.services import create_link
    from surveys.services.audit import command_actor
    from surveys.services.rehearsal import rehearse
    from surveys.simulation import bundled_profile

    call_command("migrate", verbosity=0)
    get_user_model().objects.create_user("bench")
    call_command("open_study", "privacy-prosocial", simulated=True, stdout=StringIO())
    by, profile = command_actor(), bundled_profile("people")
    link = create_link(study=Study.objects.get(), label="bench", simulated=True, by=by)
    return lambda people: rehearse(link=link, profile=profile, people=people, seed=1, by=by)
