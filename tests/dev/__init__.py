"""Tests of the demo's data, its servers and the simulator."""
