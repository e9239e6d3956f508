"""The checks: each file's docstring is its page in docs/authors/checks/, its examples are its tests."""
