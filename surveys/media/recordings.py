"""Sound, video and captions, known by how their files begin."""

from __future__ import annotations

from surveys.media.mistakes import MediaError, MediaMistake

_WEBVTT = b"WEBVTT"
_BOM = b"\xef\xbb\xbf"
# Codecs of the first page of an Ogg file that are sound.
_OGG_SOUND = (b"OpusHead", b"\x01vorbis", b"\x7fFLAC", b"Speex   ")
_SOUND_BRANDS = (b"M4A ", b"M4B ")
# Brands of MP4; others of the same family are pictures (HEIC, AVIF) or need not play.
_VIDEO_BRANDS = (b"isom", b"iso2", b"iso4", b"iso5", b"iso6", b"mp41", b"mp42", b"avc1", b"M4V ")


def recording_type(content: bytes) -> str:
    """The media type of a sound or a video, by its content; empty if it is neither."""
    head = content[:64]
    if head[4:8] == b"ftyp":
        return _of_brand(head[8:12])
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head else ""
    if head[:4] == b"OggS":
        return "audio/ogg" if any(codec in head for codec in _OGG_SOUND) else ""
    if head[:4] == b"RIFF" and head[8:12] == b"WAVE":
        return "audio/wav"
    return "audio/mpeg" if _is_mp3(head) else ""


def _of_brand(brand: bytes) -> str:
    if brand in _SOUND_BRANDS:
        return "audio/mp4"
    return "video/mp4" if brand in _VIDEO_BRANDS else ""


def _is_mp3(head: bytes) -> bool:
    """Whether it begins with a tag, or with a frame of layer III at a rate that there is."""
    if head[:3] == b"ID3":
        return True
    if len(head) < 3 or head[0] != 0xFF or head[1] & 0xE6 != 0xE2:
        return False
    return head[2] >> 4 not in (0, 15) and head[2] & 0x0C != 0x0C


def is_captions(content: bytes) -> bool:
    """Whether a file says that it is WebVTT."""
    return content.removeprefix(_BOM).startswith(_WEBVTT)


def captions(content: bytes) -> bytes:
    """Captions as they are stored: UTF-8 with plain line ends. Raises `MediaError`."""
    try:
        text = content.removeprefix(_BOM).decode("utf-8")
    except UnicodeDecodeError as error:
        raise MediaError(MediaMistake.CAPTIONS_DAMAGED) from error
    after = text[len(_WEBVTT) :][:1]
    if (after and not after.isspace()) or "\0" in text or "-->" not in text:
        raise MediaError(MediaMistake.CAPTIONS_DAMAGED)
    return text.replace("\r\n", "\n").replace("\r", "\n").encode()
