"""The parts of the minder; only the standard library, as it starts with every run."""
