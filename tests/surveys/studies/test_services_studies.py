"""Instruments and studies: published, composed, opened, frozen."""

from dataclasses import replace

import pytest
from factories import TESTER, asked_by_somebody, make_draft

from surveys import services
from surveys.errors import InstrumentError, StudyError
from surveys.instrument_files import bundled_instruments, bundled_study, questionnaire_of
from surveys.models import InstrumentVersion, Item
from surveys.selectors import codebook, questionnaire


def test_publishing_twice_makes_nothing_more(db):
    instrument = bundled_instruments()[0]
    first = services.publish_instrument(definition=instrument, by=TESTER)
    assert services.publish_instrument(definition=instrument, by=TESTER) == first
    assert InstrumentVersion.objects.count() == len(instrument.languages)


def test_a_published_version_never_changes(db):
    instrument = bundled_instruments()[0]
    services.publish_instrument(definition=instrument, by=TESTER)
    item, *others = instrument.items
    reworded = replace(item, text={**item.text, "en": "Something else."})
    changed = replace(instrument, items=(reworded, *others))
    with pytest.raises(InstrumentError) as refused:
        services.publish_instrument(definition=changed, by=TESTER)
    assert refused.value.code == "version_is_frozen"
    assert not Item.objects.filter(text="Something else.").exists()
    assert services.publish_instrument(definition=replace(changed, version="1.1"), by=TESTER)


def test_each_language_carries_the_checksum_of_its_definition(db):
    instrument = bundled_instruments()[0]
    for version in services.publish_instrument(definition=instrument, by=TESTER):
        assert version.checksum == instrument.checksum(version.language)


@pytest.mark.parametrize("language", ["en", "de"])
def test_the_database_gives_back_the_questionnaire_of_the_files(draft_study, language):
    definition = bundled_study("privacy-prosocial")
    of_files = questionnaire_of(definition, bundled_instruments(), language)
    assert questionnaire(draft_study, language) == of_files


def test_a_study_of_unpublished_instruments_is_refused_whole(owner):
    with pytest.raises(StudyError) as refused:
        services.create_study(definition=bundled_study("privacy-prosocial"), owner=owner, by=TESTER)
    assert refused.value.code == "version_missing"
    assert not owner.studies.exists()


def test_two_studies_cannot_share_a_name(draft_study, owner):
    with pytest.raises(StudyError) as refused:
        make_draft(owner)
    assert refused.value.code == "study_exists"


def test_opening_freezes_the_study_under_a_checksum(draft_study):
    opened = services.open_study(study=draft_study, by=TESTER)
    assert len(opened.checksum) == 64
    again = services.open_study(study=opened, by=TESTER)
    assert (again.checksum, again.opened_at) == (opened.checksum, opened.opened_at)


def test_the_checksum_tells_two_studies_apart(owner):
    first = services.open_study(study=make_draft(owner), by=TESTER)
    definition = asked_by_somebody(bundled_study("privacy-prosocial"))
    blocks = (replace(definition.blocks[0], items_per_page=3), *definition.blocks[1:])
    second = services.create_study(
        definition=replace(definition, blocks=blocks), owner=owner, slug="shorter-pages", by=TESTER
    )
    assert services.open_study(study=second, by=TESTER).checksum != first.checksum


def test_a_study_without_consent_text_does_not_open(draft_study):
    draft_study.consent_texts.filter(language="de").delete()
    with pytest.raises(StudyError) as refused:
        services.open_study(study=draft_study, by=TESTER)
    assert refused.value.code == "study_incomplete"
    draft_study.refresh_from_db()
    assert draft_study.status == "draft"


def test_a_draft_cannot_be_closed(draft_study):
    with pytest.raises(StudyError) as refused:
        services.close_study(study=draft_study, by=TESTER)
    assert refused.value.code == "study_is_draft"


def test_the_codebook_names_every_item_once_with_its_keying(open_study):
    rows = codebook(open_study)
    items = [item for one in bundled_instruments() for item in one.items]
    assert len({row["ref"] for row in rows}) == len(rows) == len(items)
    assert sum(row["reverse_keyed"] for row in rows) == sum(item.reverse_keyed for item in items)
