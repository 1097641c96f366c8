"""What can go wrong with the embedded services."""


class EmbeddedError(Exception):
    """A service cannot be started; the message says why and what to do."""
