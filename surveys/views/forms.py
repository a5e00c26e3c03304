"""Forms of the pages. They check what was typed; what may be done is decided by the services."""

from collections.abc import Mapping
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractBaseUser
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.errors import CounterpartError
from surveys.instrument_files.media.packed import LARGEST_PACKED, is_packed
from surveys.models import RecruitingLink
from surveys.recruiters import RECRUITERS
from surveys.roles import Role
from surveys.services import Materials, MaterialsError, SourceFile, read_files
from surveys.services.access.invitations import LONGEST_DAYS, USUAL_DAYS
from surveys.services.drafts import read_packed_files

# The value under which studies keep "I prefer not to say".
UNDISCLOSED = "undisclosed"
LARGEST_FILE = 1_000_000
LONGEST_FACT = 5_000


class ConsentForm(forms.Form):
    """The decision, and a key that is the same when this form is sent twice."""

    decision = forms.ChoiceField(choices=[("agree", "agree"), ("decline", "decline")])
    start = forms.RegexField(r"^[\w-]{16,64}$")

    @property
    def agrees(self) -> bool:
        """Whether the person takes part."""
        return bool(self.cleaned_data["decision"] == "agree")


class DemographicsForm(forms.Form):
    """The demographic questions of a study. Each may be left open unless the study says not."""

    def __init__(
        self,
        questions: list[dict[str, Any]],
        language: str,
        data: Mapping[str, Any] | None = None,
        initial: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(data, initial=initial)
        for question in questions:
            self.fields[question["key"]] = _demographic_field(question, language)

    @property
    def values(self) -> dict[str, Any]:
        """What was answered; None for what was left open."""
        return {key: None if given == "" else given for key, given in self.cleaned_data.items()}


def _demographic_field(question: dict[str, Any], language: str) -> forms.Field:
    if question["kind"] == "integer":
        return _integer_field(question, language)
    choices = [(option["value"], option["label"][language]) for option in question["options"]]
    added = "" if UNDISCLOSED in dict(choices) else UNDISCLOSED
    if added:
        choices.append((added, _("I prefer not to say")))
    field = forms.ChoiceField(
        label=question["label"][language],
        choices=choices,
        required=question["required"],
        widget=forms.RadioSelect,
        error_messages={"required": _("Please choose one; you can also prefer not to say.")},
    )
    # The choice in the program's words, which are not always in the study's language.
    vars(field)["added"] = added
    return field


def _integer_field(question: dict[str, Any], language: str) -> forms.Field:
    low, high = question["minimum"], question["maximum"]
    rule = gettext("Please enter a whole number.")
    if low is not None and high is not None:
        rule = gettext("Please enter a whole number from %(low)d to %(high)d.")
        rule %= {"low": low, "high": high}
    widget = forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off", "size": 6})
    return forms.IntegerField(
        label=question["label"][language],
        min_value=low,
        max_value=high,
        required=question["required"],
        widget=widget,
        error_messages={"invalid": rule, "min_value": rule, "max_value": rule, "required": rule},
    )


class LinkForm(forms.Form):
    """A new recruiting link; its fields are those of `services.create_link`."""

    label = forms.CharField(
        label=_("Name"),
        max_length=120,
        help_text=_("For yourselves, such as “Poster in the hall”."),
    )
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            (RecruitingLink.Kind.OPEN, _("Open: any number of people")),
            (RecruitingLink.Kind.SINGLE_USE, _("Single use: one person, once")),
        ],
        initial=RecruitingLink.Kind.OPEN,
    )
    recruiter = forms.ChoiceField(
        label=_("Recruiter"),
        required=False,
        choices=[("", _("None")), *((one.key, one.name) for one in RECRUITERS.values())],
        help_text=_("The id that the recruiter puts into the address is stored with the person."),
    )
    simulated = forms.BooleanField(
        label=_("Rehearsal: store and show whoever uses it as simulated"), required=False
    )


ROLES = [(role.value, _(role.sentence)) for role in Role]


class InvitationForm(forms.Form):
    """Who is invited, as what, and how long the invitation is good; the fields of `invite`."""

    email = forms.EmailField(
        label=_("E-mail"),
        required=False,
        help_text=_("Empty: you get a link, and give it to one person yourself."),
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Role.VIEWER.value)
    days = forms.IntegerField(
        label=_("Days until it ends"),
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=USUAL_DAYS,
    )


class MemberForm(forms.Form):
    """Somebody with an account who shall see and steer the study."""

    username = forms.CharField(label=_("User name"), max_length=150)
    role = forms.ChoiceField(label=_("Role"), choices=ROLES, initial=Role.VIEWER.value)

    def clean_username(self) -> AbstractBaseUser:
        """The account with this name."""
        users = get_user_model().objects
        user = users.filter(username=self.cleaned_data["username"], is_active=True).first()
        if user is None:
            raise forms.ValidationError(
                _("There is no account with this name; ask for one to be made first."),
                code="unknown_user",
            )
        return user


class TextOrFile(forms.Form):
    """A form with a text that can also come out of a file; the file then fills in the text."""

    texts_of_files: ClassVar[Mapping[str, str]] = {}

    def __init__(self, data: Any = None, files: Any = None) -> None:
        if data is not None and files:
            data = data.copy()
            for file, text in self.texts_of_files.items():
                if file in files and 0 < files[file].size <= LARGEST_FILE:
                    data[text] = decoded(files[file].read())
        super().__init__(data, files)

    def clean(self) -> dict[str, Any]:
        """Say of a file that it is too large to be read."""
        given = super().clean() or {}
        for name in self.texts_of_files:
            file = given.get(name)
            if file and file.size > LARGEST_FILE:
                self.add_error(name, gettext("The file is too large; a megabyte is the most."))
        return given


def decoded(content: bytes) -> str:
    """The text of a file: UTF-8, or what Windows' programs write where it is none."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


class FilesInput(forms.FileInput):
    """Several files at once."""

    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; the value is a list of them."""

    widget = FilesInput

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Each of the files, cleaned as one would be."""
        return [super(FilesField, self).clean(one, initial) for one in data or [] if one]


class DraftForm(TextOrFile):
    """A study as a file or a text, and the files of instruments that are published with it.

    Once it is valid `materials` is what was read; else `mistakes` has file, place, code, sentence.
    """

    texts_of_files: ClassVar[Mapping[str, str]] = {"file": "text"}

    text = forms.CharField(
        label=_("The study (TOML)"),
        required=False,
        max_length=LARGEST_FILE,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 28, "spellcheck": "false", "class": "mono"}),
    )
    file = forms.FileField(
        label=_("Or its file"),
        required=False,
        help_text=_(
            "It replaces the text above. A zip file, as a study’s Design gives it, brings its "
            "instruments and pictures along."
        ),
        widget=forms.FileInput(attrs={"accept": ".toml,.zip"}),
    )
    instruments = FilesField(
        label=_("Instrument files"),
        required=False,
        help_text=_("Those that are not published yet. Published words are never changed."),
        widget=FilesInput(attrs={"accept": ".toml"}),
    )

    def __init__(self, data: Any = None, files: Any = None) -> None:
        file = files.get("file") if files else None
        self._packed = file if file and is_packed(file.read(4)) else None
        if file:
            file.seek(0)
        # What is packed is no text to be shown.
        texts = {} if self._packed else self.texts_of_files
        self.texts_of_files = texts  # type: ignore[misc] # of this form alone
        super().__init__(data, files)
        self.materials: Materials | None = None
        self.mistakes: list[tuple[str, str, str, str]] = []

    def clean(self) -> dict[str, Any]:
        """Read the study and its instruments."""
        given = super().clean()
        if self._packed:
            self._read_packed(self._packed)
            return given
        if not self.errors and not given["text"].strip():
            self.add_error("text", gettext("Write the study, or choose its file."))
        too_large = gettext("The file is too large; a megabyte is the most.")
        for file in given.get("instruments", ()):
            if file.size > LARGEST_FILE:
                self.add_error("instruments", too_large)
        if not self.errors:
            self._read(given)
        return given

    def _read(self, given: Mapping[str, Any]) -> None:
        files = [SourceFile(file.name, decoded(file.read())) for file in given["instruments"]]
        named = given["file"].name if given["file"] else gettext("study")
        try:
            self.materials = read_files(study=SourceFile(named, given["text"]), instruments=files)
        except MaterialsError as error:
            self._tell(error)

    def _read_packed(self, file: Any) -> None:
        if file.size > LARGEST_PACKED:
            most = LARGEST_PACKED // 1_000_000
            said = gettext("The zip file is too large; %(most)s megabytes are the most.")
            self.add_error("file", said % {"most": most})
            return
        try:
            self.materials = read_packed_files(content=file.read(), name=file.name)
        except MaterialsError as error:
            self._tell(error)

    def _tell(self, error: MaterialsError) -> None:
        for one in error.errors:
            for problem in one.problems:
                said = problem.said(gettext)
                self.mistakes.append((one.file, problem.where, problem.code.value, said))
        self.add_error("text", gettext("What is wrong is listed above."))

    def refuse(self, error: CounterpartError) -> None:
        """Say why what can be read cannot be stored."""
        self.mistakes.append(("", "", error.code, error.said(gettext)))
        self.add_error("text", gettext("What is wrong is listed above."))


class CopyForm(forms.Form):
    """What a copy is called; its fields are those of `services.copy_study`."""

    slug = forms.CharField(
        label=_("Short name"),
        max_length=50,
        help_text=_("Lower-case words joined by hyphens, such as tea-study-2."),
    )


class VersionForm(forms.Form):
    """Which version amends a frozen study; its fields are those of `services.new_version`."""

    version = forms.CharField(
        label=_("Version"), max_length=40, help_text=_("Numbers joined by dots, such as 2.0.")
    )


class FactsForm(forms.Form):
    """Everything that can be said of a study in a report, topic by topic.

    `labels` maps a topic to its facts and what they are called; a fact of one panel is called
    ``panels.<key of the panel>.<fact>``.
    """

    def __init__(
        self, labels: Mapping[str, Mapping[str, str]], given: Mapping[str, str], data: Any = None
    ) -> None:
        super().__init__(data, initial=dict(given))
        self._given = given
        self._topics = labels
        for facts in labels.values():
            for name, label in facts.items():
                self.fields[name] = forms.CharField(
                    label=label,
                    required=False,
                    max_length=LONGEST_FACT,
                    widget=forms.Textarea(attrs={"rows": 2}),
                )

    @property
    def topics(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The fields by topic, for the page."""
        return [(topic, [self[name] for name in facts]) for topic, facts in self._topics.items()]

    @property
    def changed(self) -> dict[str, Any]:
        """What the editor changed, as `services.state_facts` takes it; nobody else's is touched."""
        stated: dict[str, Any] = {}
        for name, sent in self.cleaned_data.items():
            # A browser sends ends of lines in a way of its own.
            value = sent.replace("\r\n", "\n")
            if value != self._given.get(name, ""):
                *places, fact = name.split(".")
                table = stated
                for place in places:
                    table = table.setdefault(place, {})
                table[fact] = value
        return stated
