"""Instruments and studies as files: TOML in, validated frozen values out. No Django, no database.

    instrument = load_instrument("privacy-attitudes.toml")
    study = load_study("privacy-prosocial.toml", instruments=bundled_instruments())
    questionnaire = questionnaire_of(study, bundled_instruments(), "de")

Every error names the file, the key path or line, and what to do (`InstrumentFileError`).
"""

from surveys.instrument_files.bundled import (
    bundled_instruments,
    bundled_studies,
    bundled_study,
    study_skeleton,
)
from surveys.instrument_files.definitions import (
    AttentionCheckDefinition,
    BlockDefinition,
    CheckKind,
    ConditionDefinition,
    ConsentDefinition,
    DemographicField,
    DemographicKind,
    FacetDefinition,
    FlowDefinition,
    InstrumentDefinition,
    ItemDefinition,
    LevelDefinition,
    MediumDefinition,
    OptionDefinition,
    ResponseScaleDefinition,
    RuleDefinition,
    ScreeningDefinition,
    StudyDefinition,
    Texts,
)
from surveys.instrument_files.errors import (
    InstrumentFileError,
    UnknownBundle,
    UnknownLanguage,
)
from surveys.instrument_files.flows import (
    MOST_QUOTAS,
    QuotaDraft,
    QuotaPlan,
    crossed,
    factors_of,
    flow_of,
    flow_values,
    levels_in_wave,
    option_cells,
    quota_problems,
    range_cells,
    read_quotas,
    shares_of,
    stored_flow,
)
from surveys.instrument_files.instruments import (
    load_instrument,
    parse_instrument,
    part_key,
    read_instrument_values,
)
from surveys.instrument_files.questionnaires import (
    check_ref,
    instruments_by_block,
    item_ref,
    questionnaire_of,
)
from surveys.instrument_files.readiness import Locked, people_problems
from surveys.instrument_files.settings import StudySettings, facts_problems, settings_problems
from surveys.instrument_files.studies import (
    Draft,
    load_study,
    parse_draft,
    parse_study,
    read_draft,
    study_problems,
)
from surveys.instrument_files.writing import instrument_values, study_values, to_toml

__all__ = [
    "MOST_QUOTAS",
    "AttentionCheckDefinition",
    "BlockDefinition",
    "CheckKind",
    "ConditionDefinition",
    "ConsentDefinition",
    "DemographicField",
    "DemographicKind",
    "Draft",
    "FacetDefinition",
    "FlowDefinition",
    "InstrumentDefinition",
    "InstrumentFileError",
    "ItemDefinition",
    "LevelDefinition",
    "Locked",
    "MediumDefinition",
    "OptionDefinition",
    "QuotaDraft",
    "QuotaPlan",
    "ResponseScaleDefinition",
    "RuleDefinition",
    "ScreeningDefinition",
    "StudyDefinition",
    "StudySettings",
    "Texts",
    "UnknownBundle",
    "UnknownLanguage",
    "bundled_instruments",
    "bundled_studies",
    "bundled_study",
    "check_ref",
    "crossed",
    "factors_of",
    "facts_problems",
    "flow_of",
    "flow_values",
    "instrument_values",
    "instruments_by_block",
    "item_ref",
    "levels_in_wave",
    "load_instrument",
    "load_study",
    "option_cells",
    "parse_draft",
    "parse_instrument",
    "parse_study",
    "part_key",
    "people_problems",
    "questionnaire_of",
    "quota_problems",
    "range_cells",
    "read_draft",
    "read_instrument_values",
    "read_quotas",
    "settings_problems",
    "shares_of",
    "stored_flow",
    "study_problems",
    "study_skeleton",
    "study_values",
    "to_toml",
]
