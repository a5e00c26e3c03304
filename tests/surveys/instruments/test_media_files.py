"""Pictures, sound and video by their content: what is taken, what is removed, what is refused."""

import io
import random

import pytest
from pictures import CAPTIONS, SECRETS, picture, sound, told_picture, video
from PIL import Image

from surveys.media import MediaError, named_file, read_media

PICTURES = ("PNG", "JPEG", "WEBP")


@pytest.mark.parametrize("kind", PICTURES)
def test_metadata_is_removed_and_the_picture_stays_as_it_was(kind):
    told = told_picture(kind)
    assert all(secret in told for secret in SECRETS) or kind != "JPEG"
    read = read_media(told)
    assert not any(one in read.content for one in (*SECRETS, b"Exif", b"<script>"))
    assert (read.facts.width, read.facts.height) == (40, 20)
    assert read_media(read.content) == read, "read again, it is the same file"
    with Image.open(io.BytesIO(told)) as before, Image.open(io.BytesIO(read.content)) as after:
        assert before.convert("RGB").tobytes() == after.convert("RGB").tobytes()


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_that_lies_on_its_side_is_turned(kind):
    read = read_media(told_picture(kind, orientation=6))
    assert (read.facts.width, read.facts.height) == (20, 40)
    assert read_media(read.content) == read


def test_the_type_is_told_by_the_content():
    facts = [read_media(one).facts for one in (sound(), video(1000), CAPTIONS)]
    assert [one.type for one in facts] == ["audio/wav", "video/mp4", "text/vtt"]
    assert read_media(CAPTIONS).content.startswith(b"WEBVTT\n")
    mark = facts[0].sha256[:8]
    name = named_file("../Ünser Ton (1).exe", facts[0])
    assert name == f"nser-Ton-1-{mark}.wav"
    assert named_file(name, facts[0]) == name


def _moving(kind: str) -> bytes:
    frames = [Image.new("RGB", (8, 8), (n, n, n)) for n in (0, 250)]
    file = io.BytesIO()
    frames[0].save(file, kind, save_all=True, append_images=frames[1:])
    return file.getvalue()


def _huge() -> bytes:
    """A picture that says it is larger than it is."""
    whole = bytearray(picture())
    whole[16:24] = (60_000).to_bytes(4) * 2
    return bytes(whole)


REFUSED = {
    "nothing": (b"", "media_empty"),
    "svg": (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "media_type_unknown"),
    "html": (b"<!doctype html><script>alert(1)</script>", "media_type_unknown"),
    "gif": (b"GIF89a" + bytes(40), "media_type_unknown"),
    "heic": (b"\0\0\0\x18ftypheic" + bytes(40), "media_type_unknown"),
    "cut": (picture("JPEG")[:-200], "picture_damaged"),
    "huge": (_huge(), "picture_damaged"),
    "moving png": (_moving("PNG"), "picture_moves"),
    "moving webp": (_moving("WEBP"), "picture_moves"),
    "long picture": (picture() + bytes(2_000_000), "media_too_large"),
    "long sound": (sound() + bytes(10_000_000), "media_too_large"),
    "no captions": (b"WEBVTT is what this is called", "captions_damaged"),
    "captions in another code": (b"WEBVTT\n\n00:00 --> 00:01\n\xff", "captions_damaged"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_shown_is_refused_with_a_code(name):
    content, code = REFUSED[name]
    with pytest.raises(MediaError) as refused:
        read_media(content)
    assert refused.value.mistake in (code, "picture_too_large")


def test_damaged_files_are_refused_and_never_break_anything():
    """Three hundred files with bytes changed, cut out and put in: read, or refused."""
    samples = [told_picture(kind) for kind in PICTURES] + [picture(kind) for kind in PICTURES]
    samples += [sound(), CAPTIONS, video(500)]
    dice = random.Random(7)
    read = 0
    for n in range(300):
        damaged = bytearray(samples[n % len(samples)])
        for _ in range(dice.randrange(1, 12)):
            at = dice.randrange(len(damaged))
            match dice.randrange(3):
                case 0:
                    damaged[at] = dice.randrange(256)
                case 1:
                    del damaged[at : at + dice.randrange(1, 40)]
                case _:
                    damaged[at:at] = dice.randbytes(dice.randrange(1, 40))
            damaged = damaged or bytearray(b"x")
        try:
            file = read_media(bytes(damaged))
        except MediaError:
            continue
        read += 1
        assert read_media(file.content).sha256 == file.sha256
    assert read > 20
