"""A database for one run of a benchmark: made for it, and dropped after it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit


@contextmanager
def database(server: str, directory: str | Path, suffix: str = "") -> Iterator[str]:
    """The URL of a database of its own: never the one that the environment names.

    A file in `directory`, or with the URL of a PostgreSQL server a database on that. `suffix` makes
    a second one.
    """
    if not server:
        yield f"sqlite:///{directory}/bench{suffix}.sqlite3"
        return
    import psycopg

    name = f"counterpart_bench_{os.getpid()}{suffix}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield urlsplit(server)._replace(path=f"/{name}").geturl()
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
