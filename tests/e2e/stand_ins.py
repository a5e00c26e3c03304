"""Recruiters as their documentation says they behave, for a browser: nothing leaves the machine.

Each opens the study as it would, and answers where people come back. What it was sent is kept in
`arrived`: method, address, and the fields of a form.
"""

# ruff: noqa: ARG002 - every recruiter answers through the same methods

from dataclasses import dataclass, field
from urllib.parse import parse_qs, parse_qsl, urlsplit

from playwright.sync_api import BrowserContext, Route

from surveys.recruiters import Exit, Outcome

PAGE = "<!doctype html><html lang=en><title>{title}</title><h1>{title}</h1>{body}"


@dataclass
class StandIn:
    """A recruiter on `origin`, with the codes that the study was told, and a person to send."""

    key: str = ""
    origin: str = ""
    query: str = ""
    exits: dict[Outcome, Exit] = field(default_factory=dict)
    options: dict = field(default_factory=dict)
    arrived: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)

    def serve(self, context: BrowserContext) -> None:
        context.route(f"{self.origin}/**", self.handle)

    def handle(self, route: Route) -> None:
        request = route.request
        sent = dict(parse_qsl(request.post_data or ""))
        self.arrived.append((request.method, request.url, sent))
        status, title = self.answer(request.method, request.url, sent)
        body = PAGE.format(title=title, body=self.body(request.url))
        route.fulfill(status=status, body=body, headers={"content-type": "text/html"})

    def answer(self, method: str, url: str, sent: dict[str, str]) -> tuple[int, str]:
        return 200, "Welcome back"

    def body(self, url: str) -> str:
        return ""

    def leads_to(self, outcome: Outcome) -> str:
        """Where the documentation says that a person with this outcome arrives."""
        raise NotImplementedError


class Prolific(StandIn):
    def __init__(self) -> None:
        super().__init__(
            "prolific",
            "https://app.prolific.com",
            "PROLIFIC_PID=5f3e00000000000000000abc&STUDY_ID=study1&SESSION_ID=session1",
            {outcome: Exit(code=f"C{number}XY") for number, outcome in enumerate(Outcome)},
        )

    def answer(self, method, url, sent):
        given = parse_qs(urlsplit(url).query).get("cc", [""])[0]
        known = {one.code for one in self.exits.values()}
        right = urlsplit(url).path == "/submissions/complete" and given in known
        return (200, f"Submission with {given}") if right else (404, "Invalid completion code")

    def leads_to(self, outcome):
        return f"{self.origin}/submissions/complete?cc={self.exits[outcome].code}"


class Connect(StandIn):
    """Completes by the project's code; any other outcome has an address of the project's own."""

    def __init__(self) -> None:
        self.back = "https://connect.cloudresearch.com/participant/project/P9"
        super().__init__(
            "connect",
            "https://connect.cloudresearch.com",
            "participantId=0A1B2C3D4E5F60718293A4B5C6D7E8F9&assignmentId=a1&projectId=P9",
            {
                outcome: Exit(code="P9")
                if outcome is Outcome.COMPLETE
                else Exit(address=f"{self.back}/partial/{{assignmentId}}?why={outcome}")
                for outcome in Outcome
            },
        )

    def leads_to(self, outcome):
        if outcome is Outcome.COMPLETE:
            return f"{self.back}/complete"
        return f"{self.back}/partial/a1?why={outcome}"


class Sona(StandIn):
    """Credit is asked for by the server; the browser only goes back to the school's pages."""

    def __init__(self) -> None:
        super().__init__(
            "sona",
            "https://school.sona-systems.com",
            "survey_code=4711",
            {o: Exit(address="https://school.sona-systems.com/my_schedule.aspx") for o in Outcome},
        )

    def leads_to(self, outcome):
        return f"{self.origin}/my_schedule.aspx"


class MechanicalTurk(StandIn):
    """Shows the study in a frame of its own page and takes the task back as a form."""

    def __init__(self) -> None:
        super().__init__(
            "mturk",
            "https://workersandbox.mturk.com",
            "workerId=A2CDEFGHIJKLMN&assignmentId=3ABC&hitId=H1"
            "&turkSubmitTo=https%3A%2F%2Fworkersandbox.mturk.com",
            {outcome: Exit(code=f"M-{outcome}") for outcome in Outcome},
        )
        self.framed = ""

    def answer(self, method, url, sent):
        if urlsplit(url).path != "/mturk/externalSubmit":
            return 200, "Task"
        more = set(sent) - {"assignmentId"}
        right = method == "POST" and sent.get("assignmentId") == "3ABC" and more
        return (200, "Task submitted") if right else (400, "There was a problem submitting")

    def body(self, url):
        if urlsplit(url).path == "/mturk/externalSubmit":
            return ""
        return f'<iframe src="{self.framed}" width="800" height="700"></iframe>'

    def leads_to(self, outcome):
        return f"{self.origin}/mturk/externalSubmit"


class PanelCompany(StandIn):
    """Names its own parameters; an address for each outcome, signed over all that stands before."""

    def __init__(self) -> None:
        self.paths = {Outcome.COMPLETE: "10", Outcome.QUOTA_FULL: "40", Outcome.SCREENED_OUT: "20"}
        address = "https://callback.panel.example/end?ris={0}&rid={{rid}}&hash={{hmac_sha1}}"
        super().__init__(
            "panel",
            "https://callback.panel.example",
            "rid=0d0f4c1e-8a53-4a7e-9f0e-1f6e1f1a2b3c&wave=2",
            {o: Exit(address=address.format(self.paths.get(o, "30"))) for o in Outcome},
            {"id_parameter": "rid", "other_parameters": ("wave",), "secret_name": "PANEL"},
        )

    def leads_to(self, outcome):
        ris = self.paths.get(outcome, "30")
        return f"{self.origin}/end?ris={ris}&rid=0d0f4c1e-8a53-4a7e-9f0e-1f6e1f1a2b3c&hash="


class Anybody(StandIn):
    """A link without a recruiter that still has somewhere to lead people to."""

    def __init__(self) -> None:
        address = "https://lab.example/raffle/{code}?from={id}"
        super().__init__(
            "",
            "https://lab.example",
            "id=row%2017",
            {o: Exit(code=f"x{number}", address=address) for number, o in enumerate(Outcome)},
        )

    def leads_to(self, outcome):
        # White space is no part of an id.
        return f"{self.origin}/raffle/{self.exits[outcome].code}?from=row17"


STAND_INS = (Prolific, Connect, Sona, MechanicalTurk, PanelCompany, Anybody)
