"""How large an installation may be: pages, what they ask of themselves, and work that grows.

    createdb workspace_scale
    DATABASE_URL=postgres://postgres@127.0.0.1:5432/workspace_scale \
        python benchmarks/scale.py make --studies 20 --people 250 --sessions 1000
    DATABASE_URL=… python benchmarks/scale.py pages
    DATABASE_URL=… python benchmarks/scale.py work

`make` fills the empty database that the environment names: by default 20 studies, 5,000 people,
20,000 model sessions and 1.5 million answers; `grow --times 7` makes that ten million.
`pages` prints for every page, fragment and list the medians of the processor's time of the web
process and of the database (on the same machine), and the number of queries. `work` prints what a
fit, a report and an export take of one study. See docs/scale.md.
"""

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(Path(__file__).parent / "scaling")]


def main() -> None:
    """Make, or measure."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("what", choices=("make", "grow", "pages", "work"))
    parser.add_argument("--studies", type=int, default=20)
    parser.add_argument("--people", type=int, default=250, help="Of each study.")
    parser.add_argument("--sessions", type=int, default=1000, help="Of models, of each study.")
    parser.add_argument("--panels", type=int, default=4, help="Of each study.")
    parser.add_argument("--times", type=int, default=7, help="Pages, or growth.")
    parser.add_argument("--json", type=Path, help="Keep the figures of `pages` here.")
    parser.add_argument("--beside", type=Path, help="Print ratios to figures that were kept.")
    asked = parser.parse_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    # One process of the database serves a request, so that its time can be read.
    os.environ["PGOPTIONS"] = "-c max_parallel_workers_per_gather=0"
    import django

    django.setup()
    from django.conf import settings

    settings.ALLOWED_HOSTS = ["testserver"]
    if asked.what == "make":
        import making
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        size = making.Size(asked.studies, asked.people, asked.sessions, asked.panels)
        print(f"{size.answers:,} answers")
        making.make(size)
    elif asked.what == "grow":
        import making

        making.grow(asked.times)
    elif asked.what == "pages":
        import pages

        pages.measure(asked.times, asked.json, asked.beside)
    else:
        import work

        work.measure()


if __name__ == "__main__":
    main()
