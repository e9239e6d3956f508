"""Many accounts at once, by columns."""
