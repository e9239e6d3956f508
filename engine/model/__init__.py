"""Frozen records: vocabulary, ruleset, account, decision, diagnostic, money, calendar."""
