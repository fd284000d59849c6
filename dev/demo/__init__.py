"""The demo: its own PostgreSQL and Valkey, and the processes it starts and never leaves behind."""
