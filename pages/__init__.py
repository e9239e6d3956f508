"""Rulesets as pages for people: what is said (content), in which words, and how it is drawn."""
