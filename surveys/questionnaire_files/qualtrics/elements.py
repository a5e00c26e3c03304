"""A Qualtrics file's elements: the questions, and in which order which blocks show them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from surveys.questionnaire_files.content import Refusal
from surveys.questionnaire_files.errors import NotKept, Unreadable
from surveys.questionnaire_files.json_values import listed, table, text, true
from surveys.questionnaire_files.questionnaire import Tool
from surveys.questionnaire_files.wording import Wording, shown

# Steps of the flow that ask nothing and lead nowhere.
_PLAIN = frozenset(("Root", "Group", "Standard", "Block", "EmbeddedData", "Branch"))
# What stands above, below and after the questions.
_PAGE_TEXTS = ("Header", "Footer", "EOSMessage", "EOSRedirectURL")


@dataclass(frozen=True, slots=True)
class Block:
    """A block that is shown; `condition` is what leads there."""

    key: str
    name: str
    questions: tuple[str, ...]
    condition: str = ""


@dataclass(frozen=True, slots=True)
class Elements:
    """What a file consists of, questions by their id."""

    entry: Mapping[str, Any]
    options: Mapping[str, Any]
    questions: Mapping[str, Mapping[str, Any]]
    blocks: tuple[Block, ...]
    unused: tuple[str, ...]


@dataclass
class _Flow:
    blocks: Mapping[str, Mapping[str, Any]]
    wording: Wording
    shown: list[Block] = field(default_factory=list)

    def walk(self, step: Any, condition: str, depth: int = 0) -> None:
        """Go through a step and those in it; deeper than any flow is nothing is found."""
        if not isinstance(step, dict) or depth > 40:
            return
        kind = text(step.get("Type"))
        where = f"flow {text(step.get('FlowID'))}".strip()
        if kind in ("Block", "Standard"):
            self._show(text(step.get("ID")), condition)
        elif kind == "Branch":
            branch = described(step.get("BranchLogic"))
            condition = " and ".join(one for one in (condition, branch) if one)
        elif kind == "EmbeddedData":
            names = [text(table(one).get("Field")) for one in listed(step.get("EmbeddedData"))]
            what = f"embedded data: {', '.join(one for one in names if one)}"
            self.wording.note(where, NotKept.FLOW, what=shown(what))
        elif kind == "BlockRandomizer":
            what = f"{text(step.get('SubSet')) or 'all'} of {len(listed(step.get('Flow')))} parts"
            self.wording.note(where, NotKept.RANDOM, what=what)
        elif kind not in _PLAIN:
            self.wording.note(where, NotKept.FLOW, what=shown(kind or "?"))
        for inner in listed(step.get("Flow")):
            self.walk(inner, condition, depth + 1)

    def _show(self, key: str, condition: str) -> None:
        block = self.blocks.get(key)
        # A block can be shown on several branches; its questions are asked once.
        if block is None or any(one.key == key for one in self.shown):
            return
        where = f"block {text(block.get('Description')) or key}"
        if condition:
            self.wording.note(where, NotKept.GROUP_CONDITION, condition=shown(condition))
        options = table(block.get("Options"))
        if text(options.get("Looping")) not in ("", "None", "false", "Off"):
            self.wording.note(where, NotKept.LOOP)
        order = text(options.get("RandomizeQuestions"))
        if order not in ("", "None", "false"):
            self.wording.note(where, NotKept.RANDOM, what=f"questions of the block: {order}")
        self.shown.append(_block(key, block, condition))


def elements_of(values: Any, wording: Wording) -> Elements:
    """Take a file apart. Raises `Refusal` for one that is none of Qualtrics."""
    top = table(values)
    entry, elements = top.get("SurveyEntry"), top.get("SurveyElements")
    if not isinstance(entry, dict) or not isinstance(elements, list | dict):
        raise Refusal(Unreadable.UNKNOWN_FORM)
    by_type: dict[str, list[Mapping[str, Any]]] = {}
    for element in listed(elements):
        if isinstance(element, dict):
            by_type.setdefault(text(element.get("Element")), []).append(element)
    questions = {
        text(table(one.get("Payload")).get("QuestionID")) or text(one.get("PrimaryAttribute")): (
            table(one.get("Payload"))
        )
        for one in by_type.get("SQ", ())
    }
    blocks, unused = _shown(by_type, wording)
    for quota in by_type.get("QO", ()):
        payload = table(quota.get("Payload"))
        name = text(payload.get("Name")) or text(quota.get("SecondaryAttribute"))
        wording.note("quota", NotKept.QUOTA, name=shown(name))
    options = _payload(by_type, "SO")
    for name in _PAGE_TEXTS:
        wording.page_text(name, options.get(name))
    asked = {key for block in blocks for key in block.questions}
    return Elements(
        entry=entry,
        options=options,
        questions=questions,
        # Without any block a file is its questions.
        blocks=blocks or (Block("", "", tuple(questions)),),
        unused=tuple(one for one in unused if one not in asked),
    )


def described(logic: Any) -> str:
    """A logic in the words that the file has for it, without its mark-up."""
    found = []
    for part in _descriptions(logic):
        bare = Wording(Tool.ITEM_TABLE).plain(part, "")
        found.append(" ".join(bare.split()))
    return " ".join(one for one in found if one).removeprefix("If ")


def _descriptions(logic: Any, depth: int = 0) -> Iterator[str]:
    if depth > 10 or not isinstance(logic, dict | list):
        return
    if isinstance(logic, dict) and isinstance(logic.get("Description"), str):
        yield logic["Description"].replace("</span>", "</span> ")
        return
    for part in listed(logic):
        yield from _descriptions(part, depth + 1)


def _payload(by_type: Mapping[str, list[Mapping[str, Any]]], kind: str) -> dict[str, Any]:
    return table(next((one.get("Payload") for one in by_type.get(kind, ())), None))


def _shown(
    by_type: Mapping[str, list[Mapping[str, Any]]], wording: Wording
) -> tuple[tuple[Block, ...], list[str]]:
    """Blocks in the order of the flow, and the questions of those that are never shown."""
    blocks = {
        text(one.get("ID")): one for one in listed(_payload(by_type, "BL")) if isinstance(one, dict)
    }
    kept = {key: one for key, one in blocks.items() if one.get("Type") != "Trash"}
    flow = _Flow(kept, wording)
    steps = _payload(by_type, "FL")
    if steps:
        flow.walk({**steps, "Type": "Root"}, "")
    else:
        for key in kept:
            flow.walk({"Type": "Block", "ID": key}, "")
    there = {one.key for one in flow.shown}
    unused = [
        question
        for key, one in blocks.items()
        if key not in there
        for question in _block(key, one, "").questions
    ]
    return tuple(flow.shown), unused


def _block(key: str, block: Mapping[str, Any], condition: str) -> Block:
    questions = [
        text(one.get("QuestionID"))
        for one in listed(block.get("BlockElements"))
        if isinstance(one, dict) and one.get("Type") == "Question" and not true(one.get("Hidden"))
    ]
    return Block(key, text(block.get("Description")), tuple(filter(None, questions)), condition)
