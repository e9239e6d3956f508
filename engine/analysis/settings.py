"""How severe the findings of each check are, as a team wants it."""

from typing import Literal

import msgspec

from engine.model.diagnostic import Severity

Wanted = Literal["error", "warning", "info", "off"]


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """Severities by code; a check that is not named keeps its own."""

    severities: dict[str, Wanted] = {}

    def severity_of(self, code: str, usual: Severity) -> Severity | None:
        """Return the severity of a finding, or None if it is not wanted."""
        chosen = self.severities.get(code, usual)
        return None if chosen == "off" else chosen


USUAL = Settings()
