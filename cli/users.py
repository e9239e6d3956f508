"""Who runs a command."""

import getpass
import os


def find_user() -> str:
    """Return the user's name, or number where there is no name."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # a container's user may have no name
        return str(os.getuid())


def name_actor() -> str:
    """Name the user as the database's log names who did something past the server."""
    return f"command:{find_user()}"
