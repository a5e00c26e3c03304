"""Pages of the help that the code writes, so that they say what the program does.

codes.md        every code of an error or remark, and what to do
dictionary.md   every column of exports and archives
commands.md     every command, with its options
changelog.md    CHANGELOG.md, which stands beside docs/
"""

import argparse
import inspect
import re
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class

from analysis.archive.files.meanings import MEANINGS
from surveys.codes import SentenceCode
from surveys.exports.columns import ABOUT, LONG
from surveys.exports.missing import CODE_LABELS, MISSING_CODES, STATA_LETTERS

APPS = ("surveys", "llm_respondents", "analysis", "config")
GENERATED = {"codes.md", "dictionary.md", "commands.md", "changelog.md"}
_DEFINES = re.compile(r"^class (\w+)\(SentenceCode\):", re.MULTILINE)
_ARGUMENT = re.compile(r"%\((\w+)\)[a-z]")
# Words for parts of sentences and names of things: nobody meets them as a code.
_NO_CODES = {
    "Advice",
    "CollectedWanted",
    "FileKind",
    "Locked",
    "Preset",
    "Shape",
    "Wanted",
    "Weight",
}
# What a catalogue is about, for those who meet its codes; others say it themselves.
_ABOUT = {
    "surveys.Refused": "Studies, instruments and people",
    "surveys.FlowMistake": "Conditions, rules and placeholders of a study",
    "surveys.ImportMistake": "Importing answers: the mapping and the data file",
    "surveys.PasteMistake": "Pasting items",
    "surveys.FileMistake": "Instrument and study files",
    "surveys.QuotaMistake": "Quotas",
    "surveys.Unready": "What keeps a study from being opened",
    "surveys.JobEnd": "How a job can end",
    "surveys.Unreadable": "A questionnaire of another program that cannot be read",
    "surveys.LeftOut": "Questions of another program that are left out",
    "surveys.NotKept": "What is lost of questions of another program",
    "surveys.Changed": "What is kept of them in another form",
    "surveys.KindMistake": "Kinds of questions in an instrument file",
    "surveys.EntryMistake": "What people entered that is no answer",
    "surveys.ExitFault": "Codes and addresses by which people leave",
    "surveys.ListMistake": "Lists of links",
    "surveys.MailMistake": "Mails and addresses",
    "surveys.RecruitingRefused": "Recruiting people",
    "surveys.TermMistake": "Terms of a link",
    "surveys.TokenRefused": "Tokens of programs",
    "surveys.AuthoringRefused": "Drafts of instruments",
    "surveys.WaveMistake": "Waves",
    "llm_respondents.HaltReason": "Why a panel stops although sessions are open",
    "llm_respondents.EndReason": "Why a panel is over",
    "llm_respondents.Refusal": "Panels of models",
    "llm_respondents.BatchRemark": "Batches of calls",
    "llm_respondents.CostNote": "What an expected cost depends on",
    "llm_respondents.CallFlag": "What is suspicious about a reply",
    "llm_respondents.ClusterNote": "How many independent sessions a panel has",
    "llm_respondents.SharedDraw": "What sessions of one cluster share",
    "llm_respondents.LineMistake": "Lines of quotas and margins of personas",
    "llm_respondents.MistakeCode": "Specifications of panels and endpoints",
    "analysis.Reason": "Why a path is not estimated, or stands on a lower rung",
    "analysis.Untold": "Why a number about factors or items is not told",
    "analysis.Refusal": "Plans, runs, reports and archives",
    "analysis.PlanMistake": "Mistakes of a plan",
    "analysis.Remark": "What is remarked of answers",
    "config.BackupRefused": "Backups",
    "config.HelpRefused": "This help",
}
_HIDDEN = {"help", "version", "settings", "pythonpath", "traceback", "no_color", "force_color"}
_HIDDEN |= {"skip_checks", "verbosity"}


def generated_pages() -> dict[str, str]:
    """Name -> Markdown of each page."""
    changes = (Path(settings.BASE_DIR) / "CHANGELOG.md").read_text(encoding="utf-8")
    # It stands beside docs/, and the help is made of what is in there.
    changes = changes.replace("](docs/", "](")
    return {
        "codes.md": codes_page(),
        "dictionary.md": dictionary_page(),
        "commands.md": commands_page(),
        "changelog.md": changes,
    }


def catalogues() -> list[type[SentenceCode]]:
    """Every catalogue of codes that somebody can meet, by what it is about."""
    found = []
    for app in APPS:
        for path in sorted((Path(settings.BASE_DIR) / app).rglob("*.py")):
            names = _DEFINES.findall(path.read_text(encoding="utf-8"))
            if names := [name for name in names if name not in _NO_CODES]:
                module = path.relative_to(settings.BASE_DIR).with_suffix("")
                loaded = import_module(".".join(module.parts))
                found += [getattr(loaded, name) for name in names]
    return found


def codes_page() -> str:
    """Every code with its sentence, a section for each catalogue."""
    lines = [
        "# Codes and what to do",
        "",
        "Every message of the program has a code: in square brackets after a command's error, as",
        "`code` over REST, beside a notice of a report. Find yours with the search above, or with",
        "your browser's; the sentence says what to do. Words in *italics* stand for what varies.",
        "[When something goes wrong](troubleshooting.md) begins with what you see instead.",
        "",
    ]
    marked: set[str] = set()
    for catalogue in catalogues():
        lines += [f"## {_about(catalogue)}", "", "| Code | What it says |", "|---|---|"]
        lines += [_code_row(code, marked) for code in catalogue]
        lines.append("")
    return "\n".join(lines)


def dictionary_page() -> str:
    """Every column that an export or an archive can have."""
    lines = [
        "# Data dictionary",
        "",
        "What each column of an exported table means. A question's own column is called after it,",
        "`privacy_control_3` for the question `privacy.control_3`; its words, options and scoring",
        "stand in the `codebook.csv` of each export ([exporting the data](data.md)).",
        "",
        "## Respondents, in every table of answers",
        "",
        *_table(("Column", "What it is"), ((f"`{name}`", about) for name, about in ABOUT.items())),
        "## One row for each answer",
        "",
        *_table(("Column", "What it is"), ((f"`{name}`", about) for name, about in LONG.items())),
        "## Why an answer is missing",
        "",
        *_table(
            ("Reason", "What it means", "SPSS", "Stata"),
            (
                (f"`{reason}`", f"{meaning} ({CODE_LABELS[code]})", str(code), _stata(code))
                for reason, (code, meaning) in MISSING_CODES.items()
            ),
        ),
        "## Columns of the replication archive",
        "",
        "A name means the same in each file of an [archive](archive.md).",
        "",
        *_table(("Column", "What it is"), ((f"`{name}`", said) for name, said in MEANINGS.items())),
    ]
    return "\n".join(lines)


def commands_page() -> str:
    """Every command of the product, with its arguments."""
    lines = [
        "# Commands",
        "",
        "Each is called as `manage.py NAME`, prints what it made and what comes next, takes",
        "`--json` for programs, and ends with status 1 and a coded sentence if it could not.",
        "",
    ]
    for name, app in sorted(own_commands()):
        command = load_command_class(app, name)
        parser = command.create_parser("manage.py", name)
        lines += [f"## {name}", "", _escaped(command.help), ""]
        lines += _table(("Argument", "What it is"), _arguments(parser))
    return "\n".join(lines)


def own_commands() -> list[tuple[str, str]]:
    """(name, app) of the commands that come with the product and are meant for its users."""
    return [
        (name, app)
        for name, app in get_commands().items()
        if isinstance(app, str) and app in APPS and name != "makemessages"
    ]


def _arguments(parser: argparse.ArgumentParser) -> Iterator[tuple[str, str]]:
    for action in parser._actions:  # noqa: SLF001 - argparse has no other way to list them
        if action.dest in _HIDDEN or action.help == argparse.SUPPRESS:
            continue
        name = ", ".join(action.option_strings) or str(action.metavar or action.dest)
        words = dict(vars(action), prog="manage.py")
        yield f"`{name}`", (action.help or "") % words if action.help else ""


def _about(catalogue: type[SentenceCode]) -> str:
    app = catalogue.__module__.partition(".")[0]
    said = (inspect.getdoc(catalogue) or catalogue.__name__).split("\n")[0].rstrip(".")
    return _ABOUT.get(f"{app}.{catalogue.__name__}", said)


def _code_row(code: SentenceCode, marked: set[str]) -> str:
    sentence = _escaped(_ARGUMENT.sub(r"<em>\1</em>", code.sentence.replace("%%", "%")))
    place = "" if code.value in marked else f' id="{code.value}"'
    marked.add(code.value)
    # It may break where its words end.
    shown = code.value.replace("_", "_<wbr>")
    return f"| <code{place}>{shown}</code> | {sentence} |"


def _stata(code: int) -> str:
    return f".{STATA_LETTERS[code]}"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> list[str]:
    written = ["| " + " | ".join(map(_escaped, row)) + " |" for row in rows]
    if not written:
        return []
    return [f"| {' | '.join(head)} |", "|" + "---|" * len(head), *written, ""]


def _escaped(text: str) -> str:
    """A cell of a table, or a paragraph, whose letters mean themselves."""
    words = re.sub(r"\s+", " ", text).replace("|", "&#124;").replace("[", "&#91;")
    return re.sub(r"<(?!/?em>)", "&lt;", words)
