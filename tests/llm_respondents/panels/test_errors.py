"""Every error of the panels has its place in one tree, drawn at the top of one module."""

import importlib
import pkgutil
import re

import llm_respondents
from llm_respondents import errors

# REST refuses by an error of its framework.
ELSEWHERE = {"RecruitingError"}


def error_classes():
    """What modules of the app raise for others; migrations and commands apart."""
    for found in pkgutil.walk_packages(llm_respondents.__path__, "llm_respondents."):
        if ".migrations" in found.name or ".management" in found.name:
            continue
        module = importlib.import_module(found.name)
        for value in vars(module).values():
            is_error = isinstance(value, type) and issubclass(value, Exception)
            if is_error and value.__module__ == found.name and not value.__name__.startswith("_"):
                yield value


def test_every_error_class_is_in_the_one_module_and_in_its_tree():
    found = {one.__name__: one for one in error_classes()}
    assert {name for name, one in found.items() if one.__module__ != errors.__name__} == ELSEWHERE
    drawn = re.findall(r"^( *)└── (\w+)|^( *)├── (\w+)|^(\w+)$", errors.__doc__, re.MULTILINE)
    parents, depth_of = {}, []
    for last_indent, last, indent, other, root in drawn:
        name = last or other or root
        depth = 0 if root else len(last_indent or indent) // 4 + 1
        depth_of[depth:] = [name]
        parents[name] = depth_of[depth - 1] if depth else None
    assert {name: parents.get(name) for name in found.keys() - ELSEWHERE} == {
        name: one.__base__.__name__ for name, one in found.items() if name not in ELSEWHERE
    }
