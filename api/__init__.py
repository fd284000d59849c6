"""Entry points: HTTP (GraphQL, receipts, health) and the command line."""
