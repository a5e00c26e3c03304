"""What a browser would send of a page's form if no button were pressed."""

from html.parser import HTMLParser


class _Fields(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._area = self._select = ""
        self._value: str | None = None
        self._picked = False

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        handle = getattr(self, f"_begin_{tag}", None)
        if handle:
            handle(given, given.get("name", ""))

    def _begin_textarea(self, _given, name):
        self._area, self.sent[name] = name, ""

    def _begin_select(self, _given, name):
        self._select = name

    def _begin_option(self, given, _name):
        first = self._select not in self.sent
        self._picked = bool(self._select) and ("selected" in given or first)
        self._value = given.get("value")
        if self._picked:
            self.sent[self._select] = self._value or ""

    def _begin_input(self, given, name):
        if name and (given.get("type") != "checkbox" or "checked" in given):
            self.sent[name] = "on" if given.get("type") == "checkbox" else given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "textarea":
            self._area = ""
        elif tag == "select":
            self._select = ""

    def handle_data(self, data):
        if self._area:
            self.sent[self._area] += data
        elif self._select and self._picked and self._value is None:
            self.sent[self._select] = data.strip()
            self._picked = False


def form_of(page: str, marked_by: str) -> dict[str, str]:
    """The fields of the form whose tag holds `marked_by`, with what is written and chosen."""
    fields = _Fields()
    fields.feed(page[page.index(marked_by) :].split("</form>")[0])
    return fields.sent
