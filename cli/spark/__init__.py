"""The dunning run on a cluster: the same kernel, fed by Spark."""
