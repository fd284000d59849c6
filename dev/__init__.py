"""Development tools: the demo, its servers and the stand-in gateway; no image ships them."""
