"""The shed: the demo, its servers and the stand-in for the gateway; no image ships it."""
