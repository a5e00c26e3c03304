"""How fast people are imported: answers per second of the processor, reading included.

    python benchmarks/imports.py                              # 2,000 people × 50 questions, SQLite
    python benchmarks/imports.py --people 500 --server postgres://postgres@127.0.0.1/postgres
    python benchmarks/imports.py --people 100000 --beside     # somebody hands in answers meanwhile

Makes a data file and a database of its own, imports the one into the other, and drops both. Time of
the processor is that of this process; a server's own is not in it.
"""

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from measuring.databases import database

ROOT = Path(__file__).resolve().parents[1]
ITEMS_PER_BLOCK = 10

HEAD = """\
[source]
citation = "Nobody (2026). Drawn at random."
licence = "CC0-1.0"
[data]
respondents = "people"
id_column = "id"
[study]
slug = "many"
version = "1.0"
languages = ["en"]
title.en = "Many"
[study.consent]
version = "1.0"
contact = "nobody@example.org"
information.en = "Numbers."
statement.en = "I take part."
"""
BLOCK = """\
[[study.blocks]]
key = "b{0}"
instrument = "i{0}"
version = "1.0"
[[instruments]]
slug = "i{0}"
version = "1.0"
construct = "c{0}"
languages = ["en"]
licence = "CC0-1.0"
citation = "None."
wording_note = "Drawn."
title.en = "Part {0}"
instruction.en = "How far do you agree?"
orientation.en = "High: agrees."
[[instruments.response_scales]]
key = "agreement"
options = [{options}]
"""
ITEM = """\
[[instruments.items]]
key = "q{0}"
response_scale = "agreement"
text.en = "Statement {0}"
"""
COLUMN = '[[columns]]\nname = "q{1}"\nitem = "b{0}.q{1}"\n'


def main() -> None:
    """Make the files, import them, print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=2000)
    parser.add_argument("--blocks", type=int, default=5, help="ten questions each")
    parser.add_argument("--server", default="", help="URL of a PostgreSQL server")
    parser.add_argument("--beside", action="store_true", help="answer another study meanwhile")
    parser.add_argument("--answer", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.answer:
        print(_answered(Path(options.answer)))
        return
    with (
        tempfile.TemporaryDirectory() as directory,
        database(options.server, directory) as url,
    ):
        os.environ |= {"DATABASE_URL": url, "DATA_DIR": directory}
        folder = Path(directory)
        (folder / "mapping.toml").write_text(mapping(options.blocks), encoding="utf-8")
        with (folder / "people.csv").open("w", encoding="utf-8") as file:
            file.writelines(lines(options.people, options.blocks * ITEMS_PER_BLOCK))
        print(measured(folder, options.people * options.blocks * ITEMS_PER_BLOCK, options.beside))


def mapping(blocks: int) -> str:
    """A study of `blocks` instruments with ten five-point items each."""
    options = ", ".join(f'{{ value = {n}, label.en = "Answer {n}" }}' for n in range(1, 6))
    items = [(block, block * ITEMS_PER_BLOCK + n) for block in range(blocks) for n in range(10)]
    return HEAD + "".join(
        [
            BLOCK.format(block, options=options)
            + "".join(ITEM.format(item) for at, item in items if at == block)
            for block in range(blocks)
        ]
        + [COLUMN.format(*item) for item in items]
    )


def lines(people: int, items: int) -> Iterator[str]:
    """A header and one row a person."""
    rng = random.Random(1)
    yield ",".join(["id", *(f"q{n}" for n in range(items))]) + "\n"
    for person in range(people):
        yield f"p{person}," + ",".join(rng.choices("12345", k=items)) + "\n"


def measured(folder: Path, answers: int, beside: bool = False) -> str:
    """Import the files of `folder` into a new database; say how fast."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.core.management import call_command

    from surveys.imports import load_mapping, read_data_file
    from surveys.services.audit import command_actor
    from surveys.services.data.imports import import_responses

    call_command("migrate", verbosity=0)
    owner = get_user_model().objects.create_user("owner")
    over = folder / "over"
    other = subprocess.Popen([sys.executable, __file__, "--answer", str(over)]) if beside else None
    while other and other.poll() is None and not over.with_suffix(".begun").exists():
        time.sleep(0.1)
    wall, cpu = time.perf_counter(), time.process_time()
    read = load_mapping(folder / "mapping.toml")
    data = read_data_file(folder / "people.csv", read.layout)
    import_responses(mapping=read, data=data, owner=owner, by=command_actor())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    if other:
        over.touch()
        other.wait()
    return (
        f"{answers:,} answers: {answers / cpu:,.0f} a second of the processor "
        f"({cpu:.1f} s, {wall:.1f} s by the clock)"
    )


def _answered(over: Path) -> str:
    """Hand in an answer, ten times a second, until a file is there; how long each took."""
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from django.contrib.auth import get_user_model
    from django.db import OperationalError

    from surveys.instrument_files import bundled_instruments, bundled_study
    from surveys.models import Respondent
    from surveys.presentation.content import entries_of
    from surveys.selectors import study_content
    from surveys.services import GivenAnswer, begin_administration, create_study, open_study
    from surveys.services.answers import record_answers
    from surveys.services.audit import command_actor
    from surveys.services.instruments import publish_instrument
    from surveys.services.studies import people_group

    by, owner = command_actor(), get_user_model().objects.get()
    for definition in bundled_instruments():
        publish_instrument(definition=definition, by=by)
    study = create_study(definition=bundled_study("privacy-prosocial"), owner=owner, by=by)
    study = open_study(study=study, people=False, by=by)
    group = people_group(study=study, simulated=True)
    one = Respondent.objects.create(study=study, group=group, kind="human", simulated=True)
    passage = begin_administration(respondent=one, study=study, seed=1, language="en")
    item = entries_of(study_content(study, "en").questionnaire.blocks[0])[0].ref
    over.with_suffix(".begun").touch()
    took, failed = [], 0
    while not over.exists():
        began, given = time.perf_counter(), GivenAnswer(item, 1 + len(took) % 2)
        try:
            record_answers(
                administration=passage, answers=[given], idempotency_key=f"{len(took)} {failed}"
            )
        except OperationalError:
            failed += 1
        took.append(time.perf_counter() - began)
        time.sleep(0.1)
    took.sort()
    return (
        f"{len(took)} answers handed in meanwhile: {took[len(took) // 2] * 1000:.0f} ms median, "
        f"{took[len(took) * 95 // 100] * 1000:.0f} ms of 95 %, {took[-1] * 1000:.0f} ms at most, "
        f"{failed} failed"
    )


if __name__ == "__main__":
    main()
