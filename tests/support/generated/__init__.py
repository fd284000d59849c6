"""Queries made at random from the schema."""
