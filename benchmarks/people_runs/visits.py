"""A person with a browser that reads forms: from a link to the last page, each page timed."""

import http.client
import re
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.parse import urlencode, urlsplit

_HIDDEN = re.compile(r'<input type="hidden" name="([^"]+)" value="([^"]*)"')
_RADIO = re.compile(r'<input [^>]*type="radio"[^>]*>')
_NAME, _VALUE = re.compile(r'name="([^"]+)"'), re.compile(r'value="([^"]+)"')
_ACTION = re.compile(r'<form [^>]*action="([^"]+)"')
# Whoever meets a killed server tries again: as often as a person would, and then some.
_LONGEST_WAIT = 60.0
_MOST_STEPS = 20
_GONE = (http.client.HTTPException, OSError)


@dataclass
class Visit:
    """One person's way: `pages` are seconds from a click to the page that it leads to."""

    where: Callable[[], tuple[str, int]]
    link: str
    # What is sent of a form beside what it holds: (address, hidden fields) -> fields.
    more: Callable[[str], Mapping[str, str]]
    retries: bool = False
    pages: list[float] = field(default_factory=list)
    # Address of a page -> the answers that the site has acknowledged.
    acknowledged: dict[str, dict[str, str]] = field(default_factory=dict)
    requests: int = 0
    tried_again: int = 0
    _cookie: str = ""
    _connection: http.client.HTTPConnection | None = None
    _served: int = 0

    def go(self) -> str:
        """Answer everything; the address of the last page."""
        address, page = self._timed("GET", self.link, {})
        for _ in range(_MOST_STEPS):
            form = self._form(page)
            if form is None:
                break
            action = _ACTION.search(page)
            answered = address
            sent = {**form, **self.more(address)}
            address, page = self._timed("POST", action.group(1) if action else address, sent)
            self.acknowledged[answered] = form
        if self._connection:
            self._connection.close()
        return address

    def _form(self, page: str) -> dict[str, str] | None:
        start = page.find('method="post"')
        if start < 0:
            return None
        part = page[page.rfind("<form", 0, start) : page.find("</form>", start)]
        fields = dict(_HIDDEN.findall(part))
        for box in _RADIO.findall(part):
            name, value = _NAME.search(box), _VALUE.search(box)
            assert name
            assert value
            if name.group(1) not in fields or secrets.randbits(1):
                fields[name.group(1)] = value.group(1)
        return fields

    def _timed(self, method: str, address: str, fields: Mapping[str, str]) -> tuple[str, str]:
        begun = time.perf_counter()
        status, target, page = self._request(method, address, fields)
        while status in {301, 302, 303, 307}:
            address = target
            status, target, page = self._request("GET", address, {})
        if status != HTTPStatus.OK:
            raise AssertionError(f"{method} {address}: {status}\n{page[:2000]}")
        self.pages.append(time.perf_counter() - begun)
        return address, page

    def _request(
        self, method: str, address: str, fields: Mapping[str, str]
    ) -> tuple[int, str, str]:
        until = time.monotonic() + _LONGEST_WAIT
        while True:
            try:
                return self._try(method, address, fields)
            except _GONE:
                idle = self._served > 0
                if self._connection:
                    self._connection.close()
                self._connection, self._served = None, 0
                if idle and not self.retries:
                    # Closed while somebody read the page: a browser opens another.
                    continue
                if not self.retries or time.monotonic() > until:
                    raise
                self.tried_again += 1
                time.sleep(0.1)

    def _try(self, method: str, address: str, fields: Mapping[str, str]) -> tuple[int, str, str]:
        if self._connection is None:
            self._connection = http.client.HTTPConnection(*self.where(), timeout=30)
        parts = urlsplit(address)
        path = f"{parts.path}?{parts.query}" if parts.query else parts.path
        headers = {"Accept-Language": "en", **({"Cookie": self._cookie} if self._cookie else {})}
        body = None
        if method == "POST":
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(fields)
        self.requests += 1
        self._connection.request(method, path, body, headers)
        response = self._connection.getresponse()
        page = response.read().decode()
        self._served += 1
        with suppress(AttributeError):
            self._cookie = response.headers["Set-Cookie"].partition(";")[0]
        return response.status, response.headers.get("Location", ""), page
