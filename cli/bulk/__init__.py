"""The dunning run over files and tables: its sources, its units, its answers."""
