"""The collector of complaints about one suite or check."""

from engine.loading.complaints import find_meant, list_words, suggest
from engine.loading.node import Mapping, Node, Scalar, Sequence, describe
from engine.model.diagnostic import Diagnostic, Position, sort_by_place
from engine.verification.codes import ALL_CODES


class SuiteComplaints:
    """Collects the diagnostics of one file; what the parser refused is not complained about again."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._found: list[Diagnostic] = []

    def add(self, code: str, where: Node | Position, message: str, hint: str | None = None) -> None:
        """Record a complaint at a node or place."""
        if isinstance(where, Scalar) and where.kind == "refused":
            return
        place = where.at if isinstance(where, Scalar | Mapping | Sequence) else where
        self._found.append(
            Diagnostic(
                code=code,
                file=self._file,
                line=place.line,
                column=place.column,
                message=message,
                hint=hint if hint is not None else ALL_CODES[code].mend,
            )
        )

    def check_keys(self, node: Mapping, known: tuple[str, ...], what: str) -> None:
        """Complain of every key of a mapping that is not known."""
        for entry in node.entries:
            if entry.key.text not in known:
                hint = suggest(entry.key.text, known) or f"The keys of {what}: {list_words(known, 'and')}."
                self.add("unknown-key", entry.key, f"“{entry.key.text}” is no key of {what}.", hint)

    def is_lacking(self, node: Mapping, key: str) -> bool:
        """Tell whether a mapping surely lacks a key: no key of another spelling is likely meant to be it."""
        return node.is_whole and all(find_meant(entry.key.text, (key,)) is None for entry in node.entries)

    def need_mapping(self, node: Node, what: str) -> Mapping | None:
        """Return the node if it is a mapping, and complain otherwise."""
        if isinstance(node, Mapping):
            return node
        self.add("wrong-type", node, f"{what} is a mapping; found {describe(node)}.")
        return None

    def need_word(self, node: Node, what: str) -> str | None:
        """Return what is written if it is one value, a number by its digits, and complain otherwise."""
        if isinstance(node, Scalar) and node.kind in {"word", "number", "boolean"} and node.text:
            return node.text
        self.add("wrong-type", node, f"{what} is one word; found {describe(node)}.")
        return None

    @property
    def found(self) -> tuple[Diagnostic, ...]:
        """The diagnostics so far, by place, each once."""
        return sort_by_place(self._found)
