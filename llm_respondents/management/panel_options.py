"""The specification of a panel, as the options of a command describe it."""

from pathlib import Path
from typing import Any

from llm_respondents.codes import Refusal
from llm_respondents.design.spec import PanelSpec
from llm_respondents.errors import PanelSpecError, UnreadableError
from llm_respondents.services import endpoint_named
from llm_respondents.services.named_endpoints import chosen_spec, listed_values
from llm_respondents.written import values_of


def spec_of(options: dict[str, Any]) -> PanelSpec:
    """The specification that the options describe, or the file among them. Raises its errors."""
    return _spec_of_file(options["spec"]) if options["spec"] else _spec_of_options(options)


def _spec_of_file(path: Path) -> PanelSpec:
    """Every arm, wording and persona of a design, in TOML or JSON, with the names of `PanelSpec`.

    Beside an address of its own a file may name a listed endpoint, or a profile alone.
    """
    try:
        values = values_of(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, UnreadableError) as error:
        raise PanelSpecError(Refusal.SPEC_UNREADABLE, file=path, reason=error) from error
    if "endpoint" not in values and ("profile" not in values or "provider" in values):
        return PanelSpec.from_json(values)
    endpoint, profile = values.pop("endpoint", ""), values.pop("profile", "")
    return chosen_spec(endpoint=endpoint, profile=profile, values=values)


def _spec_of_options(options: dict[str, Any]) -> PanelSpec:
    scripted = options["provider"] == "scripted"
    if options["endpoint"]:
        listed = endpoint_named(options["endpoint"])
        options = {**options, **listed_values(listed, options["extra_body"])}
    of_history = ("history", "window", "reasoning")
    of_arm = ("items_per_turn", "elicitation", *of_history, "option_marks", "option_order")
    of_sampling = ("temperature", "top_p", "max_tokens", "reasoning_effort")
    return PanelSpec(
        model=options["model"] or (f"scripted:{options['profile']}" if scripted else ""),
        provider=options["provider"],
        profile=options["profile"],
        base_url=options["base_url"],
        api=options["api"],
        extra_body=options["extra_body"],
        dialect=options["dialect"],
        api_key_env=options["api_key_env"],
        label=options["label"],
        sessions=0 if options["matched"] and options["sessions"] == 1 else options["sessions"],
        seed=options["seed"],
        language=options["language"],
        sampling={name: options[name] for name in of_sampling if options[name] is not None},
        arms=[{name: options[name] for name in of_arm}],
        scale_directions=options["scale_direction"],
        block_orders=options["block_order"],
        personas="matched" if options["matched"] else "none",
        history_from=options["history_from"],
        asked_blocks=options["asked_blocks"],
    )
