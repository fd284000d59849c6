"""The foundation of every layer: settings, identity, numbers, logging; no SQL."""
