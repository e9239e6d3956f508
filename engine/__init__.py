"""Decides, and knows no web, no database, no terminal and no clock."""
