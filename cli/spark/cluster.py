"""What is asked of a cluster, and what names a run on one."""

import msgspec

from cli.bulk.places import hide_secrets


class Cluster(msgspec.Struct, frozen=True, kw_only=True):
    """How a run is carried out on a cluster: Spark's own settings, and where its answer goes."""

    settings: dict[str, str]
    out: str
    partition_by: tuple[str, ...]
    overwrites: bool

    @property
    def shown(self) -> str:
        """How the answer is named in what is printed."""
        return hide_secrets(self.out)

    def beside(self, name: str) -> str:
        """Return a folder in that of the decisions; whoever reads a dataset passes over names that begin with _."""
        return f"{self.out.rstrip('/')}/_{name}"


class Noted(msgspec.Struct, frozen=True, kw_only=True):
    """What names a run, and the hash of each file that was read, as `sha256sum` lists them."""

    subject: str
    inputs: str
