"""Records become sessions of panels, with what was replied to which items, and what is told."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from surveys.codes import Problem, advice
from surveys.errors import ImportFileError
from surveys.imports.cells.labels import folded
from surveys.imports.cells.numbers import as_stored, span_shown
from surveys.imports.cells.reading import UnknownCode
from surveys.imports.collected.answers import JointAnswers, open_value
from surveys.imports.collected.mapping import CollectedPanel, ModelMapping
from surveys.imports.collected.places import ITEM, as_text, pairs, parsed
from surveys.imports.collected.records import PROBLEMS_KEPT, Record, Records
from surveys.imports.columns import ItemColumn, normal_code, with_point
from surveys.imports.fit import asked_in, joint_misfits, place_misfits, value_misfits
from surveys.imports.mistakes import ImportMistake
from surveys.instrument_files.errors import FileMistake
from surveys.presentation import Questionnaire
from surveys.presentation.content import entries_of
from surveys.questions import Given, Mistaken, OpenFormat

NOT_SHOWN = "not_shown"
OUT_OF_RANGE = "out_of_range"
# Shares may be fractions or percentages, each rounded by itself.
_WHOLES = (1.0, 100.0)
_TOLERANCE = 0.05
# What is kept of each reply as it was told.
TOLD = (
    *("model", "provider", "asked_at", "temperature", "seed", "prompt_text", "prompt_sha256"),
    *("system_text", "items_per_turn", "history", "usage", "error"),
)
# Where what is said of one option may stand.
_OF_PARTS = ("value", "raw", "missing_reason")
# What a session has once, whichever of its records says it.
_OF_SESSION = ("matched_to", "scale_direction", "persona", "cluster")


@dataclass(frozen=True, slots=True)
class CollectedReply:
    """What was replied to the questions `refs`: one of raw, value, reason and shares.

    `value` is a scored value, or of an open question what the source has. `shares` maps scored
    values to shares that add up to 1. `told` is what the record says of how it was asked.
    """

    where: str
    refs: tuple[str, ...]
    raw: str | None = None
    value: Any = None
    reason: str = ""
    shares: Mapping[int, float] | None = None
    finish_reason: str = ""
    refusal: str = ""
    position: int | None = None
    told: Mapping[str, Any] = field(default_factory=dict)


@dataclass
class CollectedSession:
    """One session of a panel; `facts` are what a session has once, as far as it is told."""

    panel: str
    key: str
    where: str
    replies: list[CollectedReply] = field(default_factory=list)
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectedRows:
    """A file in the terms of its study.

    `panels` has every panel that sessions belong to. `left_out` counts records without a session,
    by reason; `unused` are keys of records that nothing reads; `unknown` are codes that became
    ``out_of_range``.
    """

    sessions: tuple[CollectedSession, ...]
    panels: Mapping[str, CollectedPanel]
    left_out: Mapping[str, int]
    unused: tuple[str, ...]
    unknown: tuple[UnknownCode, ...]


def collected_sessions(
    records: Records, mapping: ModelMapping, questionnaire: Questionnaire
) -> CollectedRows:
    """Read every record for `questionnaire`, the study's in one of its languages.

    Raises `ImportFileError` with everything that is lacking or contradicts itself.
    """
    reading = _Reading(records, mapping, questionnaire)
    reading.require_items()
    for record in records.rows:
        reading.take(record)
    reading.join()
    if reading.problems:
        raise ImportFileError(records.name, reading.problems[:PROBLEMS_KEPT])
    unknown = tuple(UnknownCode(*key, tuple(lines)) for key, lines in reading.unknown.items())
    if refused := list(reading.refused(unknown)):
        raise ImportFileError(records.name, refused[:PROBLEMS_KEPT])
    return CollectedRows(
        tuple(reading.sessions.values()),
        reading.panels,
        dict(reading.left_out),
        _unused(records, mapping),
        unknown,
    )


def _unused(records: Records, mapping: ModelMapping) -> tuple[str, ...]:
    """Keys of records that no place begins with."""
    paths = [path for one in mapping.places.values() for place in one for path in place.paths]
    items = [column.name for column in mapping.columns]
    of_items = [path.replace(ITEM, item) for path in paths if ITEM in path for item in items]
    used = {*paths, *of_items, *items, *(path.partition(".")[0] for path in paths)}
    return tuple(name for name in records.names if name not in used)


class _Reading:
    """Sessions as far as the file was read, and what is wrong with it."""

    def __init__(self, records: Records, mapping: ModelMapping, asked: Questionnaire) -> None:
        self.records, self.mapping = records, mapping
        self.entries = {entry.ref: entry for block in asked.blocks for entry in entries_of(block)}
        self.columns = {column.name: column for column in mapping.columns}
        self.described = {panel.key: panel for panel in mapping.panels}
        self.asked = asked_in(asked, ())
        self.sessions: dict[tuple[str, str], CollectedSession] = {}
        self.panels: dict[str, CollectedPanel] = {}
        self.left_out: Counter[str] = Counter()
        self.unknown: dict[tuple[str, str], list[int]] = defaultdict(list)
        self.problems: list[Problem] = []
        self._answered: set[tuple[str, str, str]] = set()
        self._joint = JointAnswers(mapping, self.asked)

    def require_items(self) -> None:
        """Raise `ImportFileError` where a column stands for what the study lacks."""
        problems: list[Problem] = []
        for column in self.mapping.columns:
            if column.ref not in self.entries:
                problems.append(self._unknown_item(f"columns[{column.name}].item", column.ref))
            else:
                problems.extend(place_misfits(column, self.asked))
                problems.extend(value_misfits(column, self.asked) if not problems else ())
        problems.extend(joint_misfits(self.mapping.columns, self.asked) if not problems else ())
        if problems:
            raise ImportFileError(self.mapping.name, problems)

    def take(self, record: Record) -> None:
        session = self._session(record)
        if session is None:
            return
        replies = list(self._replies(record, session))
        if not replies and not self.problems:
            self.left_out["no_answer"] += 1
            return
        self.sessions.setdefault((session.panel, session.key), session)
        for reply in replies:
            for ref in reply.refs:
                key = (session.panel, session.key, ref)
                if key in self._answered:
                    about = {"item": ref, "session": session.key, "panel": session.panel}
                    self._note(record, ImportMistake.REPLIED_TWICE, **about)
                self._answered.add(key)
            session.replies.append(reply)

    def _session(self, record: Record) -> CollectedSession | None:
        """The session that a record belongs to; None where it cannot be told."""
        panel = self._panel(record)
        key = self._text(record, "session")
        if not key:
            self._lacks(record, "session")
        if panel is None or not key:
            return None
        known = self.sessions.get((panel.key, key))
        session = known or CollectedSession(panel.key, key, record.where)
        for name in _OF_SESSION:
            told = self._told_once(record, name)
            if told in (None, ""):
                continue
            if session.facts.setdefault(name, told) != told:
                about = {"session": key, "panel": panel.key, "field": name}
                self._note(record, ImportMistake.SESSION_DIFFERS, **about)
        return session

    def _panel(self, record: Record) -> CollectedPanel | None:
        only = self.mapping.panels[0] if len(self.mapping.panels) == 1 else None
        named = "panel" in self.mapping.places and self._text(record, "panel")
        key = named or (only.key if only else "") or self._text(record, "model")
        if not key:
            self._lacks(record, "panel")
            return None
        if self.described and key not in self.described:
            said = advice(key, tuple(self.described))
            self._note(record, ImportMistake.UNKNOWN_PANEL, given=key, advice=said)
            return None
        panel = self.panels.setdefault(key, self.described.get(key) or CollectedPanel(key))
        if not (panel.model or self._text(record, "model")):
            self._lacks(record, "model")
        return panel

    def _told_once(self, record: Record, name: str) -> Any:
        value = self._found(record, name)
        if name == "persona":
            return pairs(value)
        if name == "scale_direction" and value not in (None, "forward", "reversed"):
            self._note(record, ImportMistake.BAD_DIRECTION, given=as_text(value))
            return None
        return None if value is None else normal_code(as_text(value))

    def join(self) -> None:
        """Put what several records or columns say of one question together, where all are read."""
        for key, session in self.sessions.items():
            for place, reply in enumerate(session.replies):
                if said := self._joint.whole(key, reply.refs[0] if reply.refs else ""):
                    session.replies[place] = replace(reply, **said)
        for ref, code, lines in self._joint.unknown():
            self.unknown[ref, code].extend(lines)

    def _replies(self, record: Record, session: CollectedSession) -> Iterator[CollectedReply]:
        if self.mapping.shape == "wide":
            for column in self.mapping.columns:
                if column.place:
                    yield from self._part(record, session, column)
                elif (reply := self._reply(record, (column.name,))) is not None:
                    yield reply
            return
        items = self._items(record)
        if not items:
            self._lacks(record, "item")
        elif (part := self.columns.get(items[0])) and part.place:
            yield from self._part(record, session, part)
        elif (reply := self._reply(record, items)) is not None:
            yield reply
        else:
            self._note(record, ImportMistake.NOTHING_REPLIED)

    def _part(
        self, record: Record, session: CollectedSession, column: ItemColumn
    ) -> Iterator[CollectedReply]:
        """What a record says of a part of an answer; a reply stands where the first part does."""
        key = (session.panel, session.key)
        said = (self._found(record, name, column.name) for name in _OF_PARTS)
        if self._joint.has(key, column):
            about = {"item": column.name, "session": session.key, "panel": session.panel}
            self._note(record, ImportMistake.REPLIED_TWICE, **about)
        value = next((one for one in said if one is not None), None)
        if self._joint.is_first(key, column, value, record.number):
            found = ((name, self._found(record, name, column.name)) for name in TOLD)
            told = {name: one for name, one in found if one is not None}
            yield CollectedReply(record.where, (column.ref,), reason=NOT_SHOWN, told=told)

    def _items(self, record: Record) -> tuple[str, ...]:
        several = parsed(self._found(record, "items"))
        if isinstance(several, list) and several:
            return tuple(map(as_text, several))
        item = self._text(record, "item")
        return (item,) if item else ()

    def _reply(self, record: Record, items: Sequence[str]) -> CollectedReply | None:
        refs = []
        for item in items:
            ref = self.columns[item].ref if item in self.columns else item
            if ref not in self.entries:
                self.problems.append(self._unknown_item(record.where, ref))
                return CollectedReply(record.where, ())
            refs.append(ref)
        told = {name: self._found(record, name, items[0]) for name in TOLD}
        position = self._found(record, "position", items[0])
        said = self._said(record, items[0], refs)
        if said is None:
            return None
        return CollectedReply(
            record.where,
            tuple(refs),
            **said,
            finish_reason=self._text(record, "finish_reason", items[0]),
            refusal=self._text(record, "refusal", items[0]),
            position=int(position) if str(position).isdecimal() else None,
            told={name: value for name, value in told.items() if value is not None},
        )

    def _said(self, record: Record, item: str, refs: Sequence[str]) -> dict[str, Any] | None:
        """One of raw, value, reason and shares; what the source itself had is read last."""
        choice = all(self.entries[ref].options for ref in refs)
        raw = self._found(record, "raw", item, choice=choice)
        if raw is not None:
            return {"raw": as_text(raw)}
        if self._found(record, "refusal", item):
            return {"raw": ""}
        if (reason := self._text(record, "missing_reason", item)) != "":
            return {"reason": reason}
        if (shares := self._found(record, "distribution", item)) is not None:
            return {"shares": self._shares(record, refs[0], shares)}
        if (value := self._found(record, "value", item)) is not None:
            return self._value(record, refs[0], self.columns.get(item), value)
        if self._found(record, "error", item):
            return {"reason": "transport_error"}
        # An empty cell under a reply is an empty reply, where a row is one.
        empty = self.mapping.shape == "long" and self.mapping.is_table
        has_raw = any(
            path in self.records.names
            for p in self.mapping.places.get("raw", ())
            for path in p.paths
        )
        return {"raw": ""} if empty and has_raw else None

    def _value(
        self, record: Record, ref: str, column: ItemColumn | None, value: Any
    ) -> dict[str, Any]:
        """A value as the source coded it: by the column's codes, the scale's values, its labels."""
        entry, code = self.entries[ref], normal_code(as_text(value))
        if column and code in column.missing:
            return {"reason": column.missing[code]}
        found: Any
        if number := self.asked.numbers.get(ref):
            found = self._number(number, column.values if column else {}, value)
        elif asked := self.asked.open.get(ref):
            found = open_value(asked, column, value)
        elif column and column.values:
            found = column.values.get(code)
        else:
            own = {str(scored): scored for scored, _ in entry.options}
            found = own.get(code, self.asked.labels[ref].get(folded(code)))
        if found is None:
            self.unknown[ref, code].append(record.number)
            return {"reason": OUT_OF_RANGE}
        return {"value": found}

    def _number(
        self, asked: OpenFormat, values: Mapping[str, int | str], value: Any
    ) -> Given | None:
        """The number that a text or a value of JSON stands for; None if it is none."""
        code = normal_code(as_text(value))
        if code in values:
            return values[code]
        if isinstance(value, str):
            stored = as_stored(value, asked, self.mapping.layout.decimal)
            return None if stored is None else asked.given((stored,))
        given = asked.of_json(value)
        if isinstance(given, Mistaken) or isinstance(asked.stored(given), Mistaken):
            return None
        return given

    def refused(self, unknown: Sequence[UnknownCode]) -> Iterator[Problem]:
        """What nothing explains and may not be missing; a decimal comma never may."""
        for one in unknown:
            number = self.asked.numbers.get(one.column)
            comma = number and with_point(one.code) and self.mapping.layout.decimal == "."
            about = {"given": one.code, **(span_shown(number) if number else {})}
            if comma:
                yield Problem(one.where, ImportMistake.DECIMAL_COMMA, about)
            elif self.mapping.unknown_codes == "refuse":
                code = ImportMistake.OUTSIDE_RANGE if number else ImportMistake.UNKNOWN_CODE
                yield Problem(one.where, code, about)

    def _shares(self, record: Record, ref: str, given: Any) -> Mapping[int, float] | None:
        """Scored value -> share of the whole."""
        given = parsed(given)
        own = {str(value): value for value, _ in self.entries[ref].options}
        shares: dict[int, float] = {}
        for option, share in given.items() if isinstance(given, dict) else ():
            value = own.get(normal_code(option), self.asked.labels[ref].get(folded(option)))
            number = type(share) in (int, float) and share >= 0
            if value is None or not number or value in shares:
                break
            shares[value] = float(share)
        else:
            total = sum(shares.values())
            if any(abs(total - whole) <= _TOLERANCE * whole for whole in _WHOLES):
                return {value: share / total for value, share in sorted(shares.items())}
        self._note(record, ImportMistake.BAD_DISTRIBUTION, item=ref)
        return None

    def _found(self, record: Record, name: str, item: str = "", *, choice: bool = False) -> Any:
        for place in self.mapping.places.get(name, ()):
            value = place.found(record.values, self.records.document, item, choice=choice)
            if value is not None:
                return value
        return None

    def _text(self, record: Record, name: str, item: str = "") -> str:
        value = self._found(record, name, item)
        return "" if value is None else as_text(value).strip()

    def _lacks(self, record: Record, name: str) -> None:
        places = self.mapping.places.get(name, ())
        at = ", ".join(path for place in places for path in place.paths) or "[[panels]], [fields]"
        self._note(record, ImportMistake.REPLY_INCOMPLETE, field=name, path=at)

    def _unknown_item(self, where: str, ref: str) -> Problem:
        about: dict[str, Any] = {"given": ref, "advice": advice(ref, tuple(self.entries))}
        return Problem(where, FileMistake.UNKNOWN_ITEM, about)

    def _note(self, record: Record, code: ImportMistake, **about: Any) -> None:
        self.problems.append(Problem(record.where, code, about))
