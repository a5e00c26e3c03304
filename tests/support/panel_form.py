"""The form on which panels of models are recruited."""


def filled_in(**changes):
    """What the browser sends when nothing but the model is filled in."""
    form = {
        "respondent": "endpoint:campus",
        "model": "small",
        "personas": "none",
        "sessions": 20,
        "language": "en",
        "items_per_turn": "one",
        "elicitation": "schema",
        "history": "full",
        "option_marks": "number",
        "option_order": "scale",
        "reasoning": "drop",
        "scale_directions": "forward",
        "block_orders": "study",
        "max_tokens": 1000,
        "seed": 1,
    }
    return form | changes
