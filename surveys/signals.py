"""What other parts of the program are told of."""

from django.dispatch import Signal

# Sent by `services.withdraw` within its transaction; `sender` is Respondent, `respondent` the
# person. Whoever keeps a copy of anything of that person erases it now.
person_withdrew = Signal()
