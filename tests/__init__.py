"""The tests: real PostgreSQL, real Valkey, real HTTP."""
