"""What keeps a file from being shown, each with a sentence that says what to do."""

from __future__ import annotations

from typing import Any

from surveys.codes import SentenceCode
from surveys.codes import marked as _


class MediaMistake(SentenceCode):
    """What can be wrong with a picture, a sound, a video or captions."""

    MEDIA_EMPTY = "media_empty", _("the file is empty; choose another one")
    MEDIA_TYPE_UNKNOWN = (
        "media_type_unknown",
        _(
            "by its content this is no picture (PNG, JPEG, WebP), no sound (MP3, M4A, Ogg, WAV), "
            "no video (MP4, WebM) and no captions (WebVTT); save it as one of these"
        ),
    )
    MEDIA_TOO_LARGE = (
        "media_too_large",
        _("the file has %(given)s kB, and %(most)s kB is the most for this kind; make it smaller"),
    )
    PICTURE_TOO_LARGE = (
        "picture_too_large",
        _(
            "the picture has %(width)s × %(height)s pixels, and %(most)s million is the most; "
            "scale it down"
        ),
    )
    PICTURE_DAMAGED = (
        "picture_damaged",
        _("the picture cannot be read to its end; save it anew with a picture program"),
    )
    PICTURE_MOVES = (
        "picture_moves",
        _("moving pictures cannot be stopped by whoever sees them; make it a video, or one still"),
    )
    CAPTIONS_DAMAGED = (
        "captions_damaged",
        _("this is no WebVTT file: it must be UTF-8 text that begins with WEBVTT"),
    )
    MEDIA_MISSING = (
        "media_missing",
        _("there is no file %(given)r beside this one; put it there, or upload it first"),
    )
    MEDIA_OUTSIDE = (
        "media_outside",
        _("%(given)r leads out of the folder; name a file in it or below it"),
    )
    MEDIA_CHANGED = (
        "media_changed",
        _(
            "the file %(given)r is not the one that was meant (SHA-256 %(sha256)s); put that one "
            "there, or remove `sha256` to take the new one"
        ),
    )
    CAPTIONS_WITHOUT_VIDEO = (
        "captions_without_video",
        _("only a video can have captions; say in `alt` what is heard"),
    )
    NO_CAPTIONS_FILE = (
        "no_captions_file",
        _("%(given)r holds no captions; name a WebVTT file"),
    )
    ONLY_CAPTIONS = (
        "only_captions",
        _("captions alone are nothing to be shown; name them under `captions` of a video"),
    )
    TOO_MANY_MEDIA = (
        "too_many_media",
        _("%(given)s pictures, sounds and videos are too many for one text; %(most)s is the most"),
    )
    PLACEHOLDER_IN_ALT = (
        "placeholder_in_alt",
        _("a text in place of a picture cannot hold placeholders; write it out"),
    )


class MediaError(ValueError):
    """A file that cannot be shown; `arguments` are what varies in the sentence of its code."""

    def __init__(self, code: MediaMistake, **arguments: Any) -> None:
        super().__init__(code.sentence % arguments if arguments else code.sentence)
        self.mistake = code
        self.arguments = arguments
