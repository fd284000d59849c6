"""The SMS gateway: what Recalls asks of one, and the adapter for Twilio."""
