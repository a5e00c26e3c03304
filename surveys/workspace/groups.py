"""How a group of respondents is called, in the reader's language."""

from django.utils.translation import gettext

from surveys.models import Kind, RespondentGroup


def name_of(group: RespondentGroup) -> str:
    """Its label: of people it is the program's word; of a panel what its member wrote."""
    return gettext(group.label) if group.kind == Kind.HUMAN else group.label


def provenance_in_words(words: str) -> str:
    """Who answered: what `RespondentGroup.provenance` joins by commas."""
    return ", ".join(gettext(word) for word in words.split(", "))
