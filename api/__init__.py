"""Everything HTTP: the app, its routes, problems, tokens, live rulesets, metrics and the server that runs them."""
