"""Tests of what PostgreSQL stores and decides: the rule, the list, planning and delivering."""
