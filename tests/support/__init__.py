"""The tests' tools: servers, databases, a practice, a served API, a browser."""
