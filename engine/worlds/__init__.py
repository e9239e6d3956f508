"""Possible worlds: from a box to an account with a history and a day, and what comes out when it is asked."""
