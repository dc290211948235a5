"""Measurements, side by side with stock Rasa in one run. `make bench` prints tables and writes `bench/results/`."""
