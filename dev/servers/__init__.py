"""PostgreSQL and Valkey out of wheels, for the demo, the tests and the benches."""
