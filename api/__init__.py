"""The ways in: HTTP (GraphQL, receipts, health) and the command line."""
