"""The settings package as an app: system checks, jobs of the whole installation, and the help."""

from typing import Any

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    """Registers the checks that find misconfiguration at start-up, and the help for the search."""

    name = "config"

    def ready(self) -> None:
        """Importing the module registers its checks; workers hear how a backup is made."""
        from django.utils.translation import gettext_lazy as _

        from config import checks  # noqa: F401
        from config.help.finder import FINDER
        from surveys.jobs.kinds import Kind, register
        from surveys.workspace import finding

        register(Kind("backup", _("Backup"), _carry_out_backup))
        finding.register(FINDER)


def _carry_out_backup(watch: Any) -> dict[str, Any]:
    from config.backups.jobs import carry_out_backup

    return carry_out_backup(watch)
