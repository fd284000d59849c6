"""The parts of bench.migrate: how long people and messages wait while the database is migrated."""
