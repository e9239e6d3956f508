"""The files written from the code of the API and committed: `make generate` writes them."""

import json
from pathlib import Path

from api.app import create_app
from api.problems import PROBLEM_TYPES
from api.routes.reference import OPENAPI_KEY
from api.service import Settings

PROJECT = Path(__file__).parents[1]
_HEAD = """\
# Problems

<!-- Written by `make generate` from api/problems.py; not edited by hand. -->

Every error is answered as `application/problem+json` (RFC 9457):

```json
{example}
```

Compare `type`: it stays, whatever becomes of the words. `problems` points at each place that is wrong, by JSON pointer
into the body (`pointer`), or by the name of a `parameter` or `header`; `fact` names the fact it is about. A 401 carries
`WWW-Authenticate`, a 405 `Allow`, and a 429 or 503 `Retry-After` in seconds.

| type | status | title | what to do |
|---|---|---|---|
"""
_EXAMPLE = {
    "type": "urn:dunning:problem:invalid-account",
    "title": PROBLEM_TYPES["invalid-account"].title,
    "status": 422,
    "detail": "/account/channels: channels is needed by this ruleset and was not given.",
    "problems": [
        {
            "pointer": "/account/channels",
            "message": "channels is needed by this ruleset and was not given.",
            "fact": "channels",
        }
    ],
}


def write_problems_page() -> str:
    """Write the page of problem types."""
    rows = (
        f"| `{kind.urn}` | {kind.status} | {kind.title} | {kind.remedy} |\n"
        for kind in sorted(PROBLEM_TYPES.values(), key=lambda kind: kind.status)
    )
    return _HEAD.format(example=json.dumps(_EXAMPLE, indent=2)) + "".join(rows)


def write_openapi_file() -> str:
    """Write schemas/openapi.json."""
    written: bytes = create_app(Settings()).state[OPENAPI_KEY]
    return written.decode()


GENERATED = {
    PROJECT / "schemas" / "openapi.json": write_openapi_file,
    PROJECT / "docs" / "applications" / "problems.md": write_problems_page,
}
