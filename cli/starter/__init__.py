"""What `dunning init` lays out: each file here under the name it gets there, with what differs by country in ${…}."""
