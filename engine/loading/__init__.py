"""Text to a ruleset or diagnostics: strict YAML with positions, meaning, digest, stored dates."""
