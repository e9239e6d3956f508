"""Write what is made from the code and committed: `make generate` writes, `make check` compares."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

from api.generated import GENERATED as OF_THE_API  # noqa: E402  the project is found from any folder
from engine.analysis.manual import write_pages  # noqa: E402  as above
from engine.loading.declinepage import write_decline_page  # noqa: E402  as above
from engine.loading.grammar.page import write_key_page  # noqa: E402  as above
from engine.loading.grammar.schemas import SCHEMAS, schema_text  # noqa: E402  as above
from engine.loading.mistakepage import write_mistake_page  # noqa: E402  as above
from engine.loading.vocabularypage import write_vocabulary_page  # noqa: E402  as above
from scripts.columnpage import write_columns_page  # noqa: E402  as above
from scripts.commandpage import write_commands_page, write_settings_page  # noqa: E402  as above
from scripts.endpointpage import write_endpoints_page  # noqa: E402  as above
from scripts.pictures import PICTURES  # noqa: E402  as above
from scripts.pythonclient import GENERATED as OF_THE_PYTHON_CLIENT  # noqa: E402  as above
from scripts.typescriptclient import GENERATED as OF_THE_TYPESCRIPT_CLIENT  # noqa: E402  as above
from tests.cli.forgeries import write_page as write_forgeries_page  # noqa: E402  as above
from tests.docs.boundspage import write_page as write_bounds_page  # noqa: E402  as above
from tests.docs.drillspage import write_page as write_drills_page  # noqa: E402  as above
from tests.store.tamperingpage import write_page as write_tamperings_page  # noqa: E402  as above

_DOCS = PROJECT / "docs"
_CHECKS = _DOCS / "authors" / "checks"
GENERATED: Mapping[Path, Callable[[], str]] = {
    **{PROJECT / "schemas" / f"{name}.schema.json": partial(schema_text, name) for name in SCHEMAS},
    _DOCS / "applications" / "columns.md": write_columns_page,
    _DOCS / "applications" / "endpoints.md": write_endpoints_page,
    _DOCS / "auditors" / "forgeries.md": write_forgeries_page,
    _DOCS / "auditors" / "tamperings.md": write_tamperings_page,
    _DOCS / "authors" / "declines.md": write_decline_page,
    _DOCS / "authors" / "diagnostics.md": write_mistake_page,
    _DOCS / "authors" / "keys.md": write_key_page,
    _DOCS / "authors" / "vocabulary.md": write_vocabulary_page,
    _DOCS / "commands.md": write_commands_page,
    _DOCS / "operators" / "bounds.md": write_bounds_page,
    _DOCS / "operators" / "drills.md": write_drills_page,
    _DOCS / "operators" / "settings.md": write_settings_page,
    **{_CHECKS / name: partial(str, text) for name, text in write_pages().items()},
    **{_DOCS / "authors" / "pictures" / name: draw for name, draw in PICTURES.items()},
    **OF_THE_API,
    **OF_THE_PYTHON_CLIENT,
    **OF_THE_TYPESCRIPT_CLIENT,
}


def main() -> int:
    """Write every file and delete the pages of checks that are gone, or with --check only name them."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; end with 1 if a file is out of date")
    is_check: bool = parser.parse_args().check
    stale = [path for path, write in GENERATED.items() if not is_fresh(path, write())]
    stale += [path for path in _CHECKS.glob("*.md") if path not in GENERATED]
    for path in stale:
        name = path.relative_to(PROJECT)
        if is_check:
            print(f"{name} is out of date; `make generate` mends it.", file=sys.stderr)
        elif path in GENERATED:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(GENERATED[path](), encoding="utf-8")
            print(f"{name} is written anew.")
        else:
            path.unlink()
            print(f"{name} is deleted: there is no such check any more.")
    return 1 if stale and is_check else 0


def is_fresh(path: Path, text: str) -> bool:
    """Tell whether a file holds this text."""
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
