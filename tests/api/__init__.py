"""Tests of the API as clients see it, over real HTTP and WebSocket."""
