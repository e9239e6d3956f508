"""What changes between two rulesets: in what is written, and, exactly, in what is decided."""
