"""The pages: server-rendered, a handful of lines a view, and no rule of their own."""

from bridge.web.app import create_app

__all__ = ["create_app"]
