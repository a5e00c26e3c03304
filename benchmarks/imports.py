"""How fast people are imported: answers per second of the processor, reading included.

    python benchmarks/imports.py                              # 2,000 people × 50 questions, SQLite
    python benchmarks/imports.py --people 500 --server postgres://postgres@127.0.0.1/postgres

Makes a data file and a database of its own, imports the one into the other, and drops both. Time of
the processor is that of this process; a server's own is not in it.
"""

import argparse
import os
import random
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
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory() as directory,
        database(options.server, directory) as url,
    ):
        os.environ |= {"DATABASE_URL": url, "DATA_DIR": directory}
        folder = Path(directory)
        (folder / "mapping.toml").write_text(mapping(options.blocks), encoding="utf-8")
        with (folder / "people.csv").open("w", encoding="utf-8") as file:
            file.writelines(lines(options.people, options.blocks * ITEMS_PER_BLOCK))
        print(measured(folder, options.people * options.blocks * ITEMS_PER_BLOCK))


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


def measured(folder: Path, answers: int) -> str:
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
    wall, cpu = time.perf_counter(), time.process_time()
    read = load_mapping(folder / "mapping.toml")
    data = read_data_file(folder / "people.csv", read.layout)
    import_responses(mapping=read, data=data, owner=owner, by=command_actor())
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return (
        f"{answers:,} answers: {answers / cpu:,.0f} a second of the processor "
        f"({cpu:.1f} s, {wall:.1f} s by the clock)"
    )


if __name__ == "__main__":
    main()
