"""placeholder."""

from engine.loading.complaints import Complaints
from engine.loading.node import Node


def check_shape(node: Node, schema: str, complaints: Complaints) -> None:
    """Complain of everything that the JSON Schema does not allow."""
