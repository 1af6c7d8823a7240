"""The protocol over HTTP: one app for Lambda, `wherry serve`, the container and the tests."""

from wherry.http.app import App

__all__ = ["App"]
