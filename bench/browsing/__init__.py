"""The parts of ``bench.portal``: a practice's list, Chromium, and what people do in the portal."""
