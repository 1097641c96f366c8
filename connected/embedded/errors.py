"""What can go wrong with the embedded services."""


def unusable(error: OSError) -> str:
    """A sentence on a DATA_DIR that cannot be used."""
    if isinstance(error, PermissionError):
        why = "cannot be written to"
    elif isinstance(error, FileExistsError | NotADirectoryError):
        why = "is not a folder"
    else:
        why = f"cannot be used ({error.strerror})"
    return f"{error.filename} {why}: choose another DATA_DIR."


class EmbeddedError(Exception):
    """A service cannot be started; the message says why and what to do."""
