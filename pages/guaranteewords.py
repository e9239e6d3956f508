"""Guarantees on a page: what never happens, unless when, and what is proved of it."""

from collections.abc import Callable, Iterable, Iterator, Mapping

from engine.model.vocabulary import CONTACT
from engine.proofs.guarantees import Judged, Verdict
from pages.page import Block, Table, Text
from pages.words import Wording, plain

Document = Mapping[str, object]
_VERDICTS: Mapping[Verdict, str] = {
    "proved": "proved",
    "refuted": "does not hold: `dunning check` shows an account",
    "unproved": "not known",
    "idle": "nothing of the kind is ever done",
}
_KEYS = {"rule": "by {}", "channel": "over {}", "tone": "in the tone {}", "fee": "charging {}"}


def guarantee_blocks(
    nodes: Iterable[Document], judged: Iterable[Judged], words: Wording, say_after: Callable[[Document], str]
) -> Iterator[Block]:
    """Yield the guarantees as a table, each with its verdict."""
    verdicts = {each.guarantee.id: each.verdict for each in judged}
    rows = []
    for node in nodes:
        name = str(node.get("id"))
        title = f"{node.get('says') or plain(name)}\n{name}"
        unless = "\nor ".join(_say_unless(node.get("unless"), words, say_after))
        rows.append((title, _say_never(node.get("never"), words), unless, _VERDICTS[verdicts[name]]))
    if rows:
        yield Text(words="For every account, every history that could be recorded, and every day.")
        yield Table(headings=("guarantee", "what never happens", "unless", "verdict"), rows=tuple(rows))


def _say_never(node: object, words: Wording) -> str:
    if not isinstance(node, dict):
        return ""
    done = ["any contact" if each == CONTACT else plain(each) for each in _names(node.get("action"))]
    how = [said.format(" or ".join(_names(node[key]))) for key, said in _KEYS.items() if key in node]
    what = " ".join([", ".join(done) or "anything", *how])
    return f"{what}\nwhere {words.condition(node['when'])}" if "when" in node else what


def _say_unless(node: object, words: Wording, say_after: Callable[[Document], str]) -> Iterator[str]:
    if not isinstance(node, dict):
        return
    if "when" in node:
        yield words.condition(node["when"])
    after = node.get("after")
    listed = after if isinstance(after, list) else [after] if after is not None else []
    said = [say_after(each) for each in listed if isinstance(each, dict)]
    if said:
        yield " and ".join(said)


def _names(node: object) -> list[str]:
    return [str(each) for each in (node if isinstance(node, list) else [] if node is None else [node])]
