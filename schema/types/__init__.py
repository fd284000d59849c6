"""The object types of the contract, each over the database's row."""
