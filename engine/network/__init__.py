"""Which rule holds first: the durable_rules network, and the masks that look ahead, explain and check it."""
