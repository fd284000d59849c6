"""What uvicorn imports in each process that serves: the application and its protocols."""

from core.garbage import everything_stays

with everything_stays():
    from api.app import make_app
    from api.protocols import Requests, Sockets

__all__ = ["Requests", "Sockets", "make_app"]
