"""The exit codes of the `dunning` command."""

FINE = 0
FAILED = 1
USAGE = 2
RULESET_INVALID = 3
SUITE_FAILED = 4
DIFFERENT = 5
