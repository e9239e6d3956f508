"""What is proved of all accounts and histories over the boxes of an edition, and accounts that show it."""
