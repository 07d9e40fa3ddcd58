"""What a story is about, beside people."""

from __future__ import annotations

from django.db import models


class Place(models.Model):
    """Where something is told: a team's or a course's people, or everybody."""

    name = models.CharField(max_length=200)


class Course(models.Model):
    """What people complete."""

    title = models.CharField(max_length=200)
