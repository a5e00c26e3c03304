"""Damage questionnaires of every form many times over, and read what is left.

    python tests/surveys/questionnaires/damaged_questionnaires.py --mutants 1000

The tests do the same with a hundred of each. Nothing but a refusal or a list of losses may come of
it.
"""

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from questionnaire_samples import every_form
from test_questionnaire_hostile import mutated, survives


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--mutants", type=int, default=1000, help="Of each form.")
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    for name, content in every_form().items():
        dice = random.Random(f"{given.seed} {name}")
        slowest = 0.0
        for _ in range(given.mutants):
            one = mutated(content, dice)
            begun = time.perf_counter()
            survives(one)
            slowest = max(slowest, time.perf_counter() - begun)
        sys.stdout.write(
            f"{name}: {given.mutants} read or refused, the slowest in {slowest:.3f} s\n"
        )


if __name__ == "__main__":
    main()
