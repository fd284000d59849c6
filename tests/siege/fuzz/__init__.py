"""Fuzzing the shipped process: by the schema, and byte by byte over HTTP and WebSockets."""
