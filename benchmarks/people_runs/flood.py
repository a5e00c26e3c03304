"""Somebody who guesses passwords while people answer.

Each guess comes from an address of its own, as from many machines, so that no limit of an address
holds it back; what is left is that one password is checked at a time in a process, and who comes
third is refused.

    python benchmarks/people_runs/flood.py 16 8400 8401

guesses sixteen at a time at these ports until its input ends, and prints how often which status
came back. It runs behind everything else on the machine, as it would run on another.
"""

import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

_TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')
_LOWEST = 19


@contextmanager
def flood(ports: list[int], connections: int) -> Iterator[Counter[str]]:
    """Guesses while the block runs; how often which status came back is known after it."""
    statuses: Counter[str] = Counter()
    arguments = [str(connections), *map(str, ports)]
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).resolve()), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        yield statuses
        told, _ = process.communicate("stop\n")
        statuses.update(json.loads(told))


class _Guesser(threading.Thread):
    """One connection that guesses until it is told to stop."""

    numbers = itertools.count()
    stopped = threading.Event()

    def __init__(self, port: int) -> None:
        super().__init__()
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self.statuses: Counter[int] = Counter()

    def run(self) -> None:
        """Guess, each time from another address."""
        cookie, token = self._form()
        while not self.stopped.is_set():
            number = next(self.numbers)
            sent = {"csrfmiddlewaretoken": token, "username": "bench", "password": f"p{number}"}
            headers = {
                "Content-Type": "application/x-www-form-urlencoded",
                "Cookie": cookie,
                # Read where the settings say that a proxy wrote it.
                "X-Forwarded-For": f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}",
            }
            try:
                self.connection.request("POST", "/login/", urlencode(sent), headers)
                response = self.connection.getresponse()
                response.read()
            except (http.client.HTTPException, OSError):
                self.connection.close()
                continue
            self.statuses[response.status] += 1
        self.connection.close()

    def _form(self) -> tuple[str, str]:
        self.connection.request("GET", "/login/")
        response = self.connection.getresponse()
        found = _TOKEN.search(response.read().decode())
        assert found is not None
        return response.headers["Set-Cookie"].partition(";")[0], found.group(1)


def main() -> None:
    """Guess until the input ends."""
    os.nice(_LOWEST)
    connections, *ports = map(int, sys.argv[1:])
    guessers = [_Guesser(ports[number % len(ports)]) for number in range(connections)]
    for one in guessers:
        one.start()
    sys.stdin.read()
    _Guesser.stopped.set()
    total: Counter[int] = Counter()
    for one in guessers:
        one.join()
        total += one.statuses
    print(json.dumps(total))


if __name__ == "__main__":
    main()
