"""The language's keys, one row each: schemas, readers, hints and reference pages are made from these tables."""
