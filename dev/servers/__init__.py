"""PostgreSQL and Valkey from wheels, for the demo, the tests and the benches."""
