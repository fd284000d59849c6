"""The parts of bench.practices: how long people wait while practices keep the service busy."""
