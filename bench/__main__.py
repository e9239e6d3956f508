"""`python -m bench`: what `make bench` runs."""

from bench.decide import main

main()
