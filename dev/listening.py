"""A free loopback port with a listening socket."""

import socket


def a_listener() -> socket.socket:
    """Return a socket that listens on a free loopback port."""
    # The protocol is named so that asyncio sends small answers at once (TCP_NODELAY).
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    return listener
