"""Collect the sentences of the site, and the headings of the report."""

from typing import Any

from django.core.management.commands import makemessages

# Titles, headings and labels of the report are written in English where they stand and said in its
# language by whoever prints them (analysis/report/writer.py), so they need no mark there.
HEADINGS = ("section:2", "subsection:2", "table:2", "words", "numbers", "Band", "fact")


class Command(makemessages.Command):
    def handle(self, *args: Any, **options: Any) -> None:
        """Look for headings, too."""
        marks = [f"--keyword={name}" for name in HEADINGS]
        self.xgettext_options = [*self.xgettext_options, *marks]
        super().handle(*args, **options)
