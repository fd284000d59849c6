"""The torture test of sending: real processes, every kind of fault, an independent checker."""
