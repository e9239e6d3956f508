"""One file a command: `cli.commands.check` holds `command`, which is what `dunning check` runs."""
