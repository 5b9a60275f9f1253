"""Trains models from a CSV file and writes artifacts. Needs the `train` extra. Not used when serving."""
