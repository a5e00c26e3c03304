"""What a file is, by its first bytes: whoever saved a workbook as data.csv is told so."""

from surveys.codes import Problem, Saying, SentenceCode
from surveys.codes import marked as _
from surveys.errors import ImportFileError
from surveys.imports.mistakes import ImportMistake


class FileKind(SentenceCode):
    """A kind of file that is no CSV; part of a sentence."""

    SPSS = "spss", _("an SPSS file (.sav)")
    STATA = "stata", _("a Stata file (.dta)")
    WORKBOOK = "workbook", _("a workbook (.xlsx) or another zip file")
    OLD_WORKBOOK = "old_workbook", _("an old workbook (.xls)")
    COMPRESSED = "compressed", _("a compressed file (.gz)")
    R_DATA = "r_data", _("an R data file (.rds, .RData)")
    PDF = "pdf", _("a PDF")
    WEB_PAGE = "web_page", _("a web page")
    JSON = "json", _("JSON")


_BEGINNINGS = (
    (b"$FL2", FileKind.SPSS),
    (b"$FL3", FileKind.SPSS),
    (b"<stata_dta>", FileKind.STATA),
    (b"PK\x03\x04", FileKind.WORKBOOK),
    (b"\xd0\xcf\x11\xe0", FileKind.OLD_WORKBOOK),
    (b"\x1f\x8b", FileKind.COMPRESSED),
    (b"RDX", FileKind.R_DATA),
    (b"X\n\x00", FileKind.R_DATA),
    (b"%PDF-", FileKind.PDF),
    (b"<!doctype html", FileKind.WEB_PAGE),
    (b"<html", FileKind.WEB_PAGE),
    (b'{"', FileKind.JSON),
    (b"[{", FileKind.JSON),
)
# Stata wrote these before version 13: release, byte order 1 or 2, file type 1, nothing.
_OLD_STATA = range(102, 116)
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_LONGEST = 32


def file_kind(content: bytes) -> FileKind | None:
    """The kind of file that begins like this; None for what may be CSV."""
    head = content[:_LONGEST].lstrip(b"\xef\xbb\xbf \t\r\n")
    for beginning, kind in _BEGINNINGS:
        if head.startswith(beginning) or head.lower().startswith(beginning):
            return kind
    if len(content) > 3 and content[0] in _OLD_STATA and content[1] in (1, 2) and content[3] == 0:
        return FileKind.STATA
    return None


def require_text(content: bytes, encoding: str, name: str) -> None:
    """Raise `ImportFileError` for a file that is no text, or text of another encoding."""
    if kind := file_kind(content):
        problem = Problem("file", ImportMistake.OTHER_FORMAT, {"kind": Saying(kind)})
        raise ImportFileError(name, [problem])
    if content.startswith(_UTF_16) and "16" not in encoding:
        raise ImportFileError(name, [Problem("file", ImportMistake.IS_UTF_16)])
