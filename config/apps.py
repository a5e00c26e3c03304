"""The settings package as an app: it holds the system checks and the help."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the checks that find misconfiguration at start-up, and the help for the search."""

    name = "config"

    def ready(self) -> None:
        """Importing the module registers its checks."""
        from config import checks  # noqa: F401
        from config.help.finder import FINDER
        from surveys.workspace import finding

        finding.register(FINDER)
