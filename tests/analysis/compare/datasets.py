"""Data sets and plans that several tests share."""

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from analysis.compare.results import Construct, Indicator, ItemSpec, PathSpec, Plan, SignSource

Array = NDArray[np.float64]
Data = dict[str, Array]

PRIVACY = tuple(f"p{i}" for i in range(1, 10))
PROSOCIAL = tuple(f"s{i}" for i in range(1, 17))
SHARING = tuple(f"a{i}" for i in range(1, 9))


def items_of(key: str, names: Sequence[str]) -> Construct:
    """One item, one indicator."""
    return Construct(key, key, tuple(Indicator(name, (name,)) for name in names))


def facets_of(key: str, names: Sequence[str], count: int = 3) -> Construct:
    """Facet scores as indicators."""
    facets = tuple(
        Indicator(f"{key}_{i}", tuple(names[i::count]), f"facet {i}") for i in range(count)
    )
    return Construct(key, key, facets)


PATHS = (
    PathSpec("Sharing", "Privacy", -1, SignSource.THEORY, "privacy"),
    PathSpec("Sharing", "Prosocial", 1, SignSource.THEORY, "prosocial"),
)


def survey_plan(*, facets: bool = True, **changes: object) -> Plan:
    """33 items, three constructs, two paths; the people are called human."""
    build = facets_of if facets else items_of
    parts: dict[str, object] = {
        "constructs": (
            build("Privacy", PRIVACY),
            build("Prosocial", PROSOCIAL),
            build("Sharing", SHARING),
        ),
        "paths": PATHS,
        "items": tuple(ItemSpec(name, 1, 5) for name in (*PRIVACY, *PROSOCIAL, *SHARING)),
        "reference_group": "human",
    }
    return Plan(**{**parts, **changes})  # type: ignore[arg-type]


def survey_answers(
    n: int, *, privacy: float = -0.4, prosocial: float = 0.35, seed: int = 0
) -> Data:
    """Five-point answers of ``n`` sessions with known standardised paths."""
    rng = np.random.default_rng(seed)
    first, second = rng.normal(size=(2, n))
    rest = np.sqrt(1.0 - privacy**2 - prosocial**2)
    third = privacy * first + prosocial * second + rest * rng.normal(size=n)
    data = {}
    for names, trait in ((PRIVACY, first), (PROSOCIAL, second), (SHARING, third)):
        for name in names:
            answer = 3.0 + 0.8 * trait + 0.8 * rng.normal(size=n)
            data[name] = np.clip(np.rint(answer), 1.0, 5.0)
    return data


def stacked(**groups: Data) -> tuple[Data, NDArray[np.str_]]:
    """Several groups' answers as one table, and the label of each row."""
    names = next(iter(groups.values())).keys()
    data = {name: np.concatenate([part[name] for part in groups.values()]) for name in names}
    sizes = [len(next(iter(part.values()))) for part in groups.values()]
    return data, np.repeat(np.array(list(groups)), sizes)


def read_table(
    path: Path, group: str = "group", *, groups: Sequence[str] = ()
) -> tuple[Data, NDArray[np.str_]]:
    """A reference data set, or some ``groups`` of it: numeric columns and the labels of rows."""
    with path.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if not groups or row[group] in groups]
    names = [name for name in rows[0] if name != group]
    data = {
        name: np.array([np.nan if row[name] in ("", "NA") else float(row[name]) for row in rows])
        for name in names
    }
    return data, np.array([row.get(group, "") for row in rows])


def german_people(shared: Path) -> tuple[Data, Plan]:
    """The German contact-tracing panel, recoded as its README says, and its plan."""
    with (shared / "data/german_cwa/cwa_wave1_vendor_codes.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    concern = {"6": 1, "7": 2, "8": 3, "9": 4}
    social = {"1": 1, "2": 2, "7": 3, "3": 4}
    attitude = {str(i): i for i in range(1, 6)}

    def column(name: str, codes: dict[str, int]) -> Array:
        return np.array([codes.get(row[name], np.nan) for row in rows], dtype=float)

    data = {
        "prv1": column("data_control_1", concern),
        "prv3": column("data_control_3", concern),
        **{f"pro{i}": column(f"soc_responsibility_{i}", social) for i in (1, 2, 3)},
        "acc2": column("app_attitudes_2", attitude),
        "acc1": 6.0 - column("app_attitudes_1", attitude),
    }
    acceptance = Construct(
        "ACC", "Acceptance", items_of("ACC", ("acc2", "acc1")).indicators, equal_loadings=True
    )
    plan = Plan(
        constructs=(
            items_of("PRV", ("prv1", "prv3")),
            items_of("PRO", ("pro1", "pro2", "pro3")),
            acceptance,
        ),
        paths=(
            PathSpec("ACC", "PRV", -1, SignSource.THEORY, "privacy"),
            PathSpec("ACC", "PRO", 1, SignSource.THEORY, "prosocial"),
        ),
        items=(
            *(ItemSpec(name, 1, 4) for name in ("prv1", "prv3", "pro1", "pro2", "pro3")),
            ItemSpec("acc2", 1, 5),
            ItemSpec("acc1", 1, 5, True),
        ),
        reference_group="people",
    )
    return data, plan


def swiss_people(shared: Path) -> tuple[Data, Plan]:
    """The Swiss contact-tracing survey and its plan; two predictors are single observed items."""
    data = read_table(shared / "data/swiss_dcta/swiss_human.csv", group="")[0]
    acceptance = ("acc_use", "acc_convince", "acc_important", "acc_trust")
    prosocial = tuple(f"iwah_{each}_3" for each in ("care", "responsibility", "loyalty", "help"))
    plan = Plan(
        constructs=(
            items_of("ACC", acceptance),
            items_of("PRO", prosocial),
            items_of("RISK", ("perc_risk_data",)),
            items_of("SEEK", ("seek_risk_data",)),
        ),
        paths=(
            PathSpec("ACC", "PRO", 1, SignSource.THEORY, "prosocial"),
            PathSpec("ACC", "RISK", -1, SignSource.THEORY, "privacy"),
            PathSpec("ACC", "SEEK", 1, SignSource.THEORY, "privacy"),
        ),
        items=(
            *(ItemSpec(name, 1, 5) for name in (*acceptance, *prosocial)),
            ItemSpec("perc_risk_data", 0, 1),
            ItemSpec("seek_risk_data", 1, 10),
        ),
        reference_group="people",
        correlate_observed=False,
    )
    return data, plan
