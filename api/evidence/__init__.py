"""Packing what an auditor needs of a period into one archive."""
