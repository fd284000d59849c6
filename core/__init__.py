"""The ground floor: what every layer stands on, and what is no SQL."""
