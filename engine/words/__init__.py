"""One way to write numbers, values, days and conditions: as a sentence says them, and as an author writes them."""
