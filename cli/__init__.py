"""The `dunning` command: the outermost edge, where flags, files and the clock are read."""
