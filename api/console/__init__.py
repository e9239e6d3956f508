"""The pages for people: one file a screen, with its template of the same name beside it."""
