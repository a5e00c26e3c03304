"""oTree's settings for the load benchmark."""

SESSION_CONFIGS = [
    {"name": "load", "app_sequence": ["statements"], "num_demo_participants": 1},
]
SESSION_CONFIG_DEFAULTS = {"real_world_currency_per_point": 1.0, "participation_fee": 0.0}
PARTICIPANT_FIELDS: list[str] = []
SESSION_FIELDS: list[str] = []
LANGUAGE_CODE = "en"
REAL_WORLD_CURRENCY_CODE = "EUR"
USE_POINTS = False
ADMIN_USERNAME, ADMIN_PASSWORD = "admin", ""
SECRET_KEY = "of no worth: the benchmark throws its database away"
