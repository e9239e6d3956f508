"""Analysis that proves: what is wrong with a ruleset, shown without running its rules. One file a check."""
