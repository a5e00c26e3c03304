"""A study that shows a picture in each place where one can be, as files in a folder."""

from __future__ import annotations

from pathlib import Path

from pictures import CAPTIONS, picture, sound, told_picture, video

INSTRUMENT = """slug = "posters"
version = "1.0"
construct = "liking"
languages = ["en", "de"]
licence = "CC0-1.0"
citation = "Written for a test."
wording_note = "Own wording."
title = { en = "Posters", de = "Plakate" }
instruction = { en = "Look at each poster.", de = "Sehen Sie jedes Plakat an." }
orientation = { en = "High: liked.", de = "Hoch: gefällt." }

[[response_scales]]
key = "read"
kind = "information"

[[response_scales]]
key = "liking"
options = [
  { value = 1, label = { en = "not at all", de = "gar nicht" } },
  { value = 2, label = { en = "a little", de = "etwas" } },
  { value = 3, label = { en = "very much", de = "sehr" } },
]

[[items]]
key = "story"
response_scale = "read"
text = { en = "This poster hung in a station.", de = "Dieses Plakat hing im Bahnhof." }
media = [
  { file = "shown/poster.jpg", alt = { en = "A red poster", de = "Ein rotes Plakat" } },
  { file = "jingle.wav", alt = { en = "Silence.", de = "Stille." } },
]

[[items]]
key = "first"
response_scale = "liking"
text = { en = "How do you like it?", de = "Wie gefällt es Ihnen?" }

[[items]]
key = "second"
response_scale = "liking"
text = { en = "And this one?", de = "Und dieses?" }
media = [
  { file = "word-en.png", languages = ["en"], alt.en = "The word go" },
  { file = "word-de.png", languages = ["de"], alt.de = "Das Wort los" },
]

[[items]]
key = "third"
response_scale = "liking"
text = { en = "And the film?", de = "Und der Film?" }
media = [
  { file = "film.mp4", captions = "film.vtt", alt = { en = "Hello, she says.", de = "Hallo." } },
]
"""

STUDY = """slug = "posters"
version = "1.0"
languages = ["en", "de"]
title = { en = "Posters", de = "Plakate" }

[consent]
version = "1"
contact = "posters@example.org"
information = { en = "We ask about posters.", de = "Wir fragen nach Plakaten." }
statement = { en = "I take part.", de = "Ich nehme teil." }

[[blocks]]
key = "posters"
instrument = "posters"
version = "1.0"
shuffle = false
items_per_page = 2
"""

FILES = {
    "shown/poster.jpg": told_picture("JPEG"),
    "jingle.wav": sound(),
    "word-en.png": picture("PNG"),
    "word-de.png": picture("PNG", colour=1),
    "film.mp4": video(),
    "film.vtt": CAPTIONS,
}


def write_poster_study(folder: Path) -> Path:
    """Write the study with its instrument and everything that it shows; the study's path."""
    (folder / "shown").mkdir(parents=True, exist_ok=True)
    for name, content in FILES.items():
        (folder / name).write_bytes(content)
    (folder / "posters-1.0.toml").write_text(INSTRUMENT, "utf-8")
    path = folder / "study.toml"
    path.write_text(STUDY, "utf-8")
    return path
