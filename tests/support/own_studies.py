"""A laboratory's own study for the tests: two languages, twelve items, as its files."""

from pathlib import Path

from surveys.instrument_files import Draft, parse_draft, parse_instrument

LANGUAGES = ("en", "de")
WORDS = {
    "walk": ("Walking clears my head.", "Gehen macht mir den Kopf frei."),
    "legs": ("I like to use my legs.", "Ich benutze gern meine Beine."),
    "rain": ("I walk in the rain, too.", "Ich gehe auch bei Regen."),
    "car": ("A car is what I like best.", "Ein Auto ist mir am liebsten."),
    "bus": ("I wait for the bus instead.", "Ich warte lieber auf den Bus."),
    "shoes": ("Good shoes are worth their price.", "Gute Schuhe sind ihr Geld wert."),
    "lift": ("I take the stairs.", "Ich nehme die Treppe."),
    "city": ("I explore towns on foot.", "Ich erkunde Städte zu Fuß."),
    "sofa": ("On a free day I stay on the sofa.", "An freien Tagen bleibe ich auf dem Sofa."),
    "dog": ("I would walk a neighbour's dog.", "Ich würde den Hund der Nachbarn ausführen."),
    "path": ("I would pay for a new footpath.", "Ich würde für einen neuen Fußweg zahlen."),
    "vote": ("I would vote for more pavement.", "Ich würde für mehr Gehwege stimmen."),
}
REVERSED = ("car", "bus", "sofa")


def instrument_text(slug: str, construct: str, keys: list[str]) -> str:
    reverse = [key for key in keys if key in REVERSED]
    head = f'''slug = "{slug}"
version = "1.0"
construct = "{construct}"
languages = ["en", "de"]
licence = "CC-BY-4.0"
citation = "Written for a test."
wording_note = "Own wording."
reverse_keyed = {reverse}
title = {{ en = "On foot", de = "Zu Fuß" }}
instruction = {{ en = "How much do you agree?", de = "Wie sehr stimmen Sie zu?" }}
orientation = {{ en = "High: more.", de = "Hoch: mehr." }}

[[response_scales]]
key = "agreement"
options = [
'''
    options = "".join(
        f'  {{ value = {n}, label = {{ en = "Step {n}", de = "Stufe {n}" }} }},\n'
        for n in range(1, 6)
    )
    items = "".join(
        f'''
[[items]]
key = "{key}"
response_scale = "agreement"
text.en = "{WORDS[key][0]}"
text.de = "{WORDS[key][1]}"
'''
        for key in keys
    )
    return f"{head}{options}]\n{items}"


KEYS = list(WORDS)
INSTRUMENTS = {
    "on-foot": instrument_text("on-foot", "walking", KEYS[:8]),
    "for-paths": instrument_text("for-paths", "support", KEYS[8:]),
}
CONTACT = "Laboratory of Walks, walks@example.org"
STUDY = f'''slug = "walks"
version = "1.0"
languages = ["en", "de"]
title = {{ en = "A study of walking", de = "Eine Studie über das Gehen" }}

[consent]
version = "1.0"
contact = "{CONTACT}"
statement = {{ en = "I agree to take part.", de = "Ich möchte teilnehmen." }}

[consent.information]
en = """
What it is about: We ask how you like to walk.

Taking part is voluntary."""
de = """
Worum es geht: Wir fragen, wie gern Sie gehen.

Die Teilnahme ist freiwillig."""

[[blocks]]
key = "foot"
instrument = "on-foot"
version = "1.0"
items_per_page = 8

[[blocks]]
key = "paths"
instrument = "for-paths"
version = "1.0"

[[attention_checks]]
key = "pick"
kind = "instructed"
block = "foot"
after = 3
response_scale = "agreement"
expected = [4]
text.en = "Please choose Step 4 here."
text.de = "Bitte wählen Sie hier Stufe 4."

[[demographics]]
key = "age"
kind = "integer"
minimum = 18
maximum = 99
label = {{ en = "How old are you?", de = "Wie alt sind Sie?" }}

[settings]
minutes = 2
question = "Do walkers support paths?"
'''
PLAN = """name = "main"
study = "walks"

[[constructs]]
key = "WLK"
label = "Walking"
block = "foot"
indicators = "items"

[[constructs]]
key = "SUP"
label = "Support"
block = "paths"
indicators = "items"

[[paths]]
predictor = "WLK"
outcome = "SUP"
sign = "+"
source = "T"
family = "walking to support"
reference = "A test."

[draws]
bootstrap = 0
permutations = 0
noise_draws = 0
"""


def write_files(folder: Path, study: str = STUDY) -> Path:
    """The study's file, its instruments beside it."""
    for slug, text in INSTRUMENTS.items():
        (folder / f"{slug}.toml").write_text(text, encoding="utf-8")
    path = folder / "walks.toml"
    path.write_text(study, encoding="utf-8")
    return path


def draft(text: str = STUDY) -> Draft:
    return parse_draft(text, instruments=[parse_instrument(one) for one in INSTRUMENTS.values()])
