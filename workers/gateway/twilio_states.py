"""Twilio's words for what has become of a message."""

STATES = {
    "sent": "SENT",
    "delivered": "DELIVERED",
    "read": "DELIVERED",
    "undelivered": "UNDELIVERED",
    "failed": "FAILED",
}
"""Our states; Twilio's other words are for what is still to come."""
