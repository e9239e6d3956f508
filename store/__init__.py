"""Everything PostgreSQL: the embedded server, migrations, ruleset versions, accounts, history, decision log, tokens."""
