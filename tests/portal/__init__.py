"""Tests of the pages that people see, in a real browser."""
