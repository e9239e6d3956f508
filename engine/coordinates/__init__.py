"""What a decision can hang on, one file a kind: its values, how it is read, when it changes, its words."""
