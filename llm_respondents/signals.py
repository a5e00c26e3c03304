"""What happens to panels that other parts of the program have to act on."""

from django.dispatch import Signal

# Sent when a cancelled panel still has batches with a provider, once that is committed; `sender`
# is Panel, `panel_id` its key, `by` the `Actor` who cancelled it. Whoever runs jobs ends the
# batches and collects what was finished.
batches_left_behind = Signal()
