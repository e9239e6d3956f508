"""The algebra every executor reads: sets of values, boxes, regions."""
