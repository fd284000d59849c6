"""The parts of bench.practices: how long people wait while practices make the service busy."""
