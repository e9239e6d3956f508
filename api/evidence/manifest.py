"""The list of all files of an evidence pack with their hashes, signed with the log's key."""

from typing import Any

import msgspec

from store.checkpoints import Signer

FILE_NAME = "manifest.txt"


def write_manifest(about: dict[str, Any], hashes: dict[str, str], signer: Signer) -> str:
    """Write what the pack is about and a row a file, as `sha256sum --check` reads them, as a signed note.

    Its title can be no checkpoint's, whose second line is a number: neither can be taken for the other.
    """
    rows = [f"{digest}  {name}" for name, digest in sorted(hashes.items())]
    title = f"{signer.verifier.name} evidence pack"
    return signer.sign_text("\n".join([title, msgspec.json.encode(about).decode(), *rows]) + "\n")
