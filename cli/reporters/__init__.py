"""Results as text, JSON, JUnit, SARIF, GitHub annotations and pictures: one file a format, strings in their hands."""
