"""Tests of rowql by itself, on a small schema whose rows are in memory."""
