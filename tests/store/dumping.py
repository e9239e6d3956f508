"""A dump of a database, as text: where a search for a person's facts must find nothing after an erasure."""

import subprocess
from urllib.parse import parse_qs, urlsplit

from store.embedded import find_programs


def dump(url: str) -> str:
    """Dump a database of the embedded PostgreSQL, every table of it."""
    parts = urlsplit(url)
    host = parse_qs(parts.query)["host"][0]
    command = [str(find_programs() / "pg_dump"), "--username=postgres", f"--host={host}", parts.path.removeprefix("/")]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
