"""Tests of what PostgreSQL keeps and decides: the rule, the list, planning and delivering."""
