"""The authors' suites and checks: read, run, and how much of a ruleset they cover."""
