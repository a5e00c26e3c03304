"""How a plan is begun: with the study's questionnaires, with another plan, or with a file."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from analysis.errors import AnalysisError
from analysis.models import AnalysisPlan
from analysis.plans.files import bundled_plan
from surveys.instrument_files import InstrumentFileError
from surveys.instrument_files.toml_tables import parse_toml, read_text
from surveys.models import Study
from surveys.selectors import codebook_rows, items_in_blocks
from surveys.views.forms import LARGEST_FILE, TextOrFile

BLANK, BUNDLED, FROZEN, FILE = "questionnaires", "bundled", "frozen:", "file"


class _TomlForm(TextOrFile):
    """A plan as a text or a file; `tables` is what was read."""

    texts_of_files: ClassVar[Mapping[str, str]] = {"file": "text"}

    text = forms.CharField(
        label=_("The plan (TOML)"),
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 20, "spellcheck": "false", "class": "mono"}),
    )
    file = forms.FileField(
        label=_("Or its file"),
        required=False,
        help_text=_("It replaces the text above."),
        widget=forms.FileInput(attrs={"accept": ".toml"}),
    )

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.tables: dict[str, Any] = {}
        self.mistakes: list[tuple[str, str, str]] = []

    def refuse(self, error: InstrumentFileError | AnalysisError) -> None:
        """Say everything that is wrong with the plan, each with its place."""
        if isinstance(error, InstrumentFileError):
            self.mistakes += [
                (one.where, one.code.value, one.said(gettext)) for one in error.problems
            ]
        else:
            self.mistakes.append(("", error.code, error.said(gettext)))
        self.add_error("text", gettext("What is wrong is listed above."))

    def read(self, text: str) -> None:
        """Keep the tables of a text."""
        try:
            self.tables = parse_toml(text, file="plan")
        except InstrumentFileError as error:
            self.refuse(error)


class TextForm(_TomlForm):
    """A plan that takes the place of what a draft holds."""

    def clean(self) -> dict[str, Any]:
        """Read the text."""
        given = super().clean()
        if not self.errors:
            self.read(given["text"])
        return given


class NewPlanForm(_TomlForm):
    """A new plan: its name and what it begins with; `values` are its tables."""

    name = forms.SlugField(
        label=_("Name of the plan"),
        max_length=50,
        initial="main",
        help_text=_("Lower-case words joined by hyphens, such as main."),
    )
    begin = forms.ChoiceField(label=_("Begin with"))
    field_order = ("name", "begin", "text", "file")

    def __init__(self, study: Study, *given: Any) -> None:
        super().__init__(*given)
        self._study = study
        self.fields["begin"] = forms.ChoiceField(
            label=_("Begin with"), choices=_beginnings(study), widget=forms.RadioSelect,
            initial=BLANK,
        )  # fmt: skip
        self.fields["text"].label = _("Only for a file: the plan (TOML)")
        self.order_fields(self.field_order)

    def clean(self) -> dict[str, Any]:
        """Find or read the tables that the plan begins with."""
        given = super().clean()
        if self.errors:
            return given
        begin = given["begin"]
        if begin == BLANK:
            self.tables = {"constructs": _constructs(self._study)}
        elif begin == BUNDLED:
            self.read(read_text(bundled_plan(self._study.slug)))
        elif begin == FILE:
            self.read(given["text"])
        else:
            name = begin.removeprefix(FROZEN)
            self.read(AnalysisPlan.objects.get(study=self._study, name=name).source)
        return given

    @property
    def values(self) -> dict[str, Any]:
        """The tables under the name that was typed."""
        tables = {key: value for key, value in self.tables.items() if key != "name"}
        return {"name": self.cleaned_data["name"], **tables}


def _beginnings(study: Study) -> list[tuple[str, Any]]:
    frozen = AnalysisPlan.objects.filter(study=study).exclude(source="").order_by("pk")
    said = gettext("The frozen plan %(plan)s")
    return [
        (BLANK, _("The questionnaires of the study, one construct each")),
        *([(BUNDLED, _("The plan that comes with the study"))] if _is_bundled(study) else ()),
        *((FROZEN + name, said % {"plan": name}) for name in frozen.values_list("name", flat=True)),
        (FILE, _("A plan file")),
    ]


def _is_bundled(study: Study) -> bool:
    try:
        bundled_plan(study.slug)
    except InstrumentFileError:
        return False
    return True


def _constructs(study: Study) -> list[dict[str, Any]]:
    """A construct for each block with scored items, under a short name of its own."""
    blocks: dict[str, list[dict[str, Any]]] = {}
    for row in codebook_rows(items_in_blocks(study), study.default_language):
        if row["scored"]:
            blocks.setdefault(row["block"], []).append(row)
    keys: list[str] = []
    made = []
    for block, rows in blocks.items():
        facets = {row["facet"] for row in rows if row["facet"]}
        keys.append(_short(block, keys))
        made.append(
            {
                "key": keys[-1],
                "label": str(rows[0]["construct"] or block),
                "block": block,
                "indicators": "facets" if len(facets) > 1 else "items",
            }
        )
    return made


def _short(block: str, taken: list[str]) -> str:
    letters = "".join(one for one in block.upper() if one.isalnum())
    for length in range(3, len(letters) + 1):
        if letters[:length] not in taken:
            return letters[:length]
    return f"{letters}{len(taken) + 1}"
