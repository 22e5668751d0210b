"""Measures Molotov against other clients: `make bench`, or `python3 -m
bench.run`."""
