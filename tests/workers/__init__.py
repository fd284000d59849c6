"""Tests of the workers and their gateway."""
