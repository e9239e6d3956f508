"""A fault of Litestar 2.25 mended: the one place that leans on its inner modules."""

from collections import defaultdict

from litestar._asgi.routing_trie.types import RouteTrieNode


def mend_asgi_parameters(node: RouteTrieNode) -> None:
    """Let ASGI routes have path parameters: Litestar 2.25 files them under "asgi" and looks them up by the method."""
    if node.is_asgi:
        found = node.path_parameters["asgi"]
        node.path_parameters = defaultdict(lambda: found, node.path_parameters)
    for child in node.children.values():
        mend_asgi_parameters(child)
