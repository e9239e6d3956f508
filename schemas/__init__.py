"""The JSON Schemas and the OpenAPI document, as plain files that ship: generated from the code and committed."""

import functools
from importlib.resources import files


@functools.cache
def read_schema(name: str) -> bytes:
    """The bytes of one file in this folder, such as `ruleset.schema.json`."""
    return (files(__name__) / name).read_bytes()
