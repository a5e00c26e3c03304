"""The settings package as an app: it holds the system checks and nothing else."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the checks that find misconfiguration at start-up."""

    name = "config"

    def ready(self) -> None:
        """Importing the module registers its checks."""
        from config import checks  # noqa: F401
