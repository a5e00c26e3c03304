"""A client of Counterpart's REST in one file, with nothing but Python's own library.

    export COUNTERPART_TOKEN=counterpart_…
    >>> from counterpart_client import Counterpart
    >>> site = Counterpart("https://counterpart.example.org")
    >>> [study["slug"] for study in site.rows("studies/")]
    >>> people = site.scored("privacy-prosocial")["people"]   # a pandas data frame
    >>> site.run_panel(12); site.report(site.fit(3), "report.pdf")

It needs a token with the scopes read, write, people (scored data) and spend (panels). Every refusal
is a `Refused` with the code and sentence of the site.
"""

import io
import json
import os
import time
import urllib.error
import urllib.request
import uuid
import zipfile


class Refused(Exception):
    """What the site said no to: `status`, `code`, and everything that it said (`told`)."""

    def __init__(self, status, told):
        super().__init__(f"{told.get('detail', 'No answer')} [{told.get('code', status)}]")
        self.status, self.code, self.told = status, told.get("code"), told


class Counterpart:
    """One site, with the token of a user."""

    def __init__(self, site, token=None):
        self.api = site.rstrip("/") + "/api/"
        self.token = token or os.environ["COUNTERPART_TOKEN"]

    def send(self, method, path, body=None):
        """One request; JSON comes as values, a file as bytes. A POST is sent again where nobody
        answered: its key lets the work be done once."""
        address = path if path.startswith("http") else self.api + path
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        if method == "POST":
            headers["Idempotency-Key"] = str(uuid.uuid4())
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(address, data, headers, method=method)
        for attempt in range(3):
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    content = answer.read()
                    is_json = "json" in answer.headers.get("Content-Type", "")
                return json.loads(content) if is_json else content
            except urllib.error.HTTPError as error:
                is_json = "json" in error.headers.get("Content-Type", "")
                raise Refused(error.code, json.load(error) if is_json else {}) from None
            except OSError:
                time.sleep(2**attempt)
        raise Refused(0, {"code": "no_answer", "detail": f"Nobody answered at {address}"})

    def get(self, path):
        """What an address says."""
        return self.send("GET", path)

    def post(self, path, body=None):
        """Make or begin something."""
        return self.send("POST", path, body or {})

    def rows(self, path):
        """Every row of a list, whatever its number of pages."""
        while path:
            page = self.get(path)
            yield from page["results"]
            path = page["next"]

    def wait(self, job, seconds=2.0):
        """Wait until a job is over; what came of it. Raises `Refused` where it failed."""
        while (state := self.get(f"jobs/{job}/"))["status"] in ("waiting", "running"):
            time.sleep(seconds)
        if state["status"] != "done":
            raise Refused(
                0, {"code": state["error_code"] or state["status"], "detail": state["error"]}
            )
        return state

    def scored(self, study, seconds=2.0):
        """Scored answers as data frames, by kind: people, simulated, models (needs pandas)."""
        import pandas as pd

        job = self.post(f"studies/{study}/exports/", {"formats": ["csv"], "exact": True})
        self.wait(job["id"], seconds)
        frames = {}
        with zipfile.ZipFile(io.BytesIO(self.get(f"jobs/{job['id']}/file/"))) as files:
            for name in files.namelist():
                if name.endswith("_form-scored_data.csv"):
                    kind = name.rpartition("/")[2].removeprefix("answers-").partition("_")[0]
                    frames[kind] = pd.read_csv(files.open(name))
        return frames

    def run_panel(self, panel, seconds=5.0):
        """Let a panel run, and wait until it has ended or halted; the panel."""
        state = self.post(f"panels/{panel}/run/")
        while state["status"] in ("ready", "running"):
            time.sleep(seconds)
            state = self.get(f"panels/{panel}/")
        return state

    def fit(self, plan, seconds=5.0):
        """Carry out a frozen plan and wait; the number of the run."""
        return self.wait(self.post(f"plans/{plan}/fit/")["job"], seconds)["result"]["run"]

    def report(self, run, path, seconds=2.0):
        """Let the report of a run be written, and keep its PDF at a path."""
        done = self.wait(self.post(f"runs/{run}/report/")["job"], seconds)
        pdf = self.get(f"reports/{done['result']['report']}/file/")
        with open(path, "wb") as file:
            file.write(pdf)
        return path
