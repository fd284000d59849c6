"""The long proofs that only `make test-slow` runs."""
