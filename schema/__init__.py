"""The GraphQL schema: converts what clients say, delegates to db, and converts back."""
