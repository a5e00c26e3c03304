"""How much memory an export takes, and how fast it is, however many people there are.

    python benchmarks/exports.py                         # 100,000 people × 50 answers, every format
    python benchmarks/exports.py --people 2000 --server postgres://postgres@127.0.0.1/postgres

Makes people in a database of its own as `benchmarks/imports.py` does, then exports them in a
process of its own and prints its peak memory.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from imports import ITEMS_PER_BLOCK, ROOT, lines, mapping, measured
from measuring.databases import database

BLOCKS = 5


def main() -> None:
    """Make people, export them, print one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--server", default="", help="URL of a PostgreSQL server")
    parser.add_argument("--export", default="", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.export:
        print(_exported(Path(options.export)))
        return
    with (
        tempfile.TemporaryDirectory() as directory,
        database(options.server, directory) as url,
    ):
        os.environ |= {"DATABASE_URL": url, "DATA_DIR": directory}
        folder = Path(directory)
        (folder / "mapping.toml").write_text(mapping(BLOCKS), encoding="utf-8")
        with (folder / "people.csv").open("w", encoding="utf-8") as file:
            file.writelines(lines(options.people, BLOCKS * ITEMS_PER_BLOCK))
        print(measured(folder, options.people * BLOCKS * ITEMS_PER_BLOCK), flush=True)
        # Memory of its own: importing takes more, and a peak does not go down again.
        command = [sys.executable, __file__, "--export", str(folder / "out")]
        subprocess.run(command, check=True)


def _exported(folder: Path) -> str:
    sys.path.insert(0, str(ROOT))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    import django

    django.setup()
    from surveys.models import Study
    from surveys.services.audit import command_actor
    from surveys.services.data.exports import export_choice, export_data

    study = Study.objects.get()
    # A process starts with the peak of the one that started it, which has just imported.
    Path("/proc/self/clear_refs").write_text("5")
    begun = _megabytes()
    wall, cpu = time.perf_counter(), time.process_time()
    files = export_data(
        study=study, choice=export_choice({}, study), folder=folder, by=command_actor()
    )
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    size = sum(file.size for file in files) / 1e6
    return (
        f"{len(files)} files, {size:,.0f} MB: {cpu:.0f} s of the processor, {wall:.0f} s by the "
        f"clock, peak {_megabytes():.0f} MB (before it {begun:.0f})"
    )


def _megabytes() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return int(next(line for line in status if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    main()
