"""Errors of the panels.

CounterpartError
└── PanelError
    ├── PanelSpecError     a specification that cannot be recruited
    └── PanelStateError    a panel that cannot do this in its state
"""

from surveys.errors import CounterpartError


class PanelError(CounterpartError):
    """A panel of model sessions said no."""


class PanelSpecError(PanelError):
    """A specification that cannot be recruited; nothing was made."""


class PanelStateError(PanelError):
    """A panel that cannot do this in its present state."""
