"""The files of a fresh folder of rulesets, filled in and proved valid before anything is written."""

from collections.abc import Mapping
from importlib.resources import files
from string import Template

from cli import starter
from cli.rulesetfiles import Files
from engine.loading.folder import load_folder
from engine.loading.grammar.schemas import SCHEMAS, schema_text
from engine.loading.load import has_errors

_EVERYWHERE = {
    "README.md": "readme.txt",
    "rulesets/consumer.yaml": "consumer.yaml",
    "rulesets/consumer_test.yaml": "consumer_test.yaml",
    "rulesets/facts.yaml": "facts.yaml",
    ".vscode/settings.json": "vscode-settings.json",
    ".vscode/extensions.json": "vscode-extensions.json",
    ".pre-commit-config.yaml": "pre-commit-config.yaml",
}
_BY_SERVICE = {
    "github": {".github/workflows/dunning.yml": "github-workflow.yml"},
    "gitlab": {".gitlab-ci.yml": "gitlab-ci.yml"},
    "none": dict[str, str](),
}


class StarterInvalid(Exception):
    """The first ruleset is not valid with the words it was given."""


def lay_out(words: Mapping[str, str], service: str) -> Files:
    """Return each file by its path in the new folder.

    Raises StarterInvalid where the country, the currency or the time zone is not known.
    """
    names = _EVERYWHERE | _BY_SERVICE[service]
    laid = {target: _fill(source, words).encode() for target, source in names.items()}
    folder = load_folder({name: text for name, text in laid.items() if name.startswith("rulesets/")})
    if has_errors(folder.diagnostics):
        raise StarterInvalid(
            " ".join(dict.fromkeys(f"{each.message} {each.hint or ''}".strip() for each in folder.diagnostics))
        )
    return laid | {f"schemas/{name}.schema.json": schema_text(name).encode() for name in SCHEMAS}


def _fill(source: str, words: Mapping[str, str]) -> str:
    return Template((files(starter) / source).read_text(encoding="utf-8")).substitute(words)
