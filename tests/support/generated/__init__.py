"""Random queries generated from the schema."""
