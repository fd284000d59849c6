"""Tests of the workers, their gateway and its simulator."""
