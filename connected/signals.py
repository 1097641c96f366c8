"""What connected announces; it does not know who listens."""

from django.dispatch import Signal

# Sent inside the transaction that wrote touchpoints: ``workspace_id: int, segment_ids: Sequence[int]``.
journeys_changed = Signal()
