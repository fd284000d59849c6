"""Tests that touch no server: functions in, answers out."""
