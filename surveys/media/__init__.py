"""Pictures, sound and video that questions show: what a file is, by its content. Pure.

    file = read_media(content)          # metadata of pictures is gone, limits are kept
    file.sha256, file.type, file.kind   # "3f2a…", "image/png", "picture"

A file that cannot be shown raises `MediaError`, whatever is in it.
"""

from surveys.media.files import MediaFacts, MediaFile, named_file, read_media
from surveys.media.medium import Medium, MediumKind, kind_of
from surveys.media.mistakes import MediaError, MediaMistake

__all__ = (
    "MediaError",
    "MediaFacts",
    "MediaFile",
    "MediaMistake",
    "Medium",
    "MediumKind",
    "kind_of",
    "named_file",
    "read_media",
)
