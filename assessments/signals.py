"""What assessments announces; it does not know who listens."""

from django.dispatch import Signal

# Sent inside the transaction that wrote: ``workspace_id: int, segment_ids: Sequence[int]``.
answers_saved = Signal()
