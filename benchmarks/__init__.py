"""How quick the heavy paths are, beside the barest way to move the same bytes and the plainest code."""
