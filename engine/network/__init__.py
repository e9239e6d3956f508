"""Which rule holds first: the durable_rules network, and the bitmap table that checks and explains it."""
