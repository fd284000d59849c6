"""The parts of ``python -m bench.read``."""
