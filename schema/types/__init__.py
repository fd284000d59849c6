"""The contract's object types, each over a database row."""
