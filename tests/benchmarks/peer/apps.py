"""Tells django-activity-stream of the models, where its documentation wants it told."""

from __future__ import annotations

from django.apps import AppConfig


class PeerConfig(AppConfig):
    name = "tests.benchmarks.peer"
    label = "peer"

    def ready(self) -> None:
        from actstream import registry
        from django.contrib.auth.models import User

        registry.register(User, self.get_model("Place"), self.get_model("Course"))
