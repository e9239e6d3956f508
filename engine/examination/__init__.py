"""The front door: rulesets as text, read, analysed, compiled once and tested."""
