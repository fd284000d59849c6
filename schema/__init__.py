"""The GraphQL schema: converts client input, delegates to db, and converts the results."""
