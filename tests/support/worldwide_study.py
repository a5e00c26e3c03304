"""A study in every language that the program has words in, and in two that it has none in.

Its own words are made up, in the letters of each language: what is English on one of its pages is
not the study's.
"""

from collections.abc import Mapping
from typing import Any

from every_kind import every_kind
from factories import TESTER, asked_by_somebody
from pictures import CAPTIONS, picture, sound, video

from surveys import services
from surveys.instrument_files import (
    InstrumentDefinition,
    bundled_study,
    instrument_values,
    parse_instrument,
    read_draft,
    study_values,
    to_toml,
)
from surveys.instrument_files.media.beside import WithFiles, with_files
from surveys.models import Study
from surveys.paradata.collected import RECORDED
from surveys.services.authoring.media import keep_media

SPOKEN = ("en", "de", "fr", "es", "it", "nl", "pl", "pt", "tr", "ar")
# One of each direction.
UNSPOKEN = ("sw", "he")
LANGUAGES = (*SPOKEN, *UNSPOKEN)
FILLER = {
    "en": "Wording {n} of the study",
    "de": "Wortlaut {n} der Studie",
    "fr": "Énoncé {n} de l’étude",
    "es": "Enunciado {n} del estudio",
    "it": "Enunciato {n} dello studio",
    "nl": "Bewoording {n} van het onderzoek",
    "pl": "Brzmienie {n} badania",
    "pt": "Enunciado {n} do estudo",
    "tr": "Çalışmanın {n} sayılı ifadesi",
    "ar": "نص الدراسة رقم {n}",
    "sw": "Maneno {n} ya utafiti",
    "he": "נוסח {n} של המחקר",
}


SHOWN = {
    "a.png": picture("PNG"),
    "a.wav": sound(),
    "a.mp4": video(5_000),
    "a.vtt": CAPTIONS,
}


class _Widener:
    """Puts made-up words of every language where there were those of two."""

    def __init__(self) -> None:
        self._number = 0

    def widened(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            if value.keys() == {"en", "de"}:
                self._number += 1
                return {one: FILLER[one].format(n=self._number) for one in LANGUAGES}
            return {key: self.widened(part) for key, part in value.items()}
        if value == ["en", "de"]:
            return list(LANGUAGES)
        if isinstance(value, list | tuple):
            return [self.widened(part) for part in value]
        return value


def _with_media() -> WithFiles:
    """The instrument of every kind with a picture, a sound and a video above its first words."""
    values = instrument_values(every_kind())
    said = {"alt": {"en": "What is shown", "de": "Was zu sehen ist"}}
    media = [{"file": name, **said} for name in SHOWN if not name.endswith("vtt")]
    media[-1]["captions"] = "a.vtt"
    first, *others = values["items"]
    shown = {**values, "items": [{**first, "media": media}, *others]}
    return with_files(shown, file_of=SHOWN.get, known=lambda _: None)


def worldwide_instrument(tables: Mapping[str, Any]) -> InstrumentDefinition:
    return parse_instrument(to_toml(_Widener().widened(tables)))


def open_worldwide_study(owner, slug: str = "worldwide") -> Study:
    made = _with_media()
    keep_media(files=made.files.values(), by=TESTER)
    instrument = worldwide_instrument(made.tables)
    services.publish_instrument(definition=instrument, by=TESTER)
    values = study_values(asked_by_somebody(bundled_study("privacy-prosocial")))
    values["blocks"] = [
        {
            "key": "day",
            "instrument": instrument.slug,
            "version": instrument.version,
            "items_per_page": 20,
        }
    ]
    for gone in ("attention_checks", "facts"):
        values.pop(gone, None)
    own_words = {one: FILLER[one].format(n=0) for one in UNSPOKEN}
    values["settings"] = {"paradata": list(RECORDED), "paradata_told": own_words}
    values["slug"] = slug
    draft = read_draft(_Widener().widened(values), instruments=[instrument])
    study = services.create_study(definition=draft.definition, owner=owner, by=TESTER)
    return services.open_study(study=study, by=TESTER)
