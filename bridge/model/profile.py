"""What an admin has read out of people's custom profile fields."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bridge.model.words import Choice

_NOBODY = ("nobody", "no one", "none", "never", "no", "0", "private", "niemand", "nein", "personne")
_TEAMS = ("teams", "team", "my team", "my teams", "mein team", "meine teams", "mes équipes")
_EVERYONE = ("everyone", "everybody", "all", "colleagues", "alle", "tous", "tout le monde")
_PUBLIC = ("public", "anyone", "world", "öffentlich", "publique")

WORDS: Mapping[str, Choice] = {
    word: choice
    for choice, words in (
        (Choice.NOBODY, _NOBODY),
        (Choice.TEAMS, _TEAMS),
        (Choice.EVERYONE, _EVERYONE),
        (Choice.PUBLIC, _PUBLIC),
    )
    for word in words
}
"""The words of a seeding field that are understood unless an admin says otherwise. A bare "yes" is
not among them: it does not say who may see the name."""


def folded(value: str) -> str:
    """A field's value as it is compared: without white space around it, in small letters."""
    return " ".join(value.split()).casefold()


@dataclass(frozen=True)
class ProfileRules:
    """Which profile fields are read, by short name, and what their values mean."""

    seed_field: str = ""
    """Says who may see a person's name, until the person says so themselves; empty for none."""
    seed_words: Mapping[str, Choice] = field(default_factory=dict)
    """What an admin added to, or changed in, :data:`WORDS`."""
    never_field: str = ""
    """Says who is never named; empty for none."""
    never_values: frozenset[str] = frozenset()
    """The values that say so, :func:`folded`."""

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ProfileRules:
        """The rules that stand in a connection's settings."""
        return cls(
            seed_field=settings.get("seed_field", ""),
            seed_words={w: Choice(c) for w, c in settings.get("seed_words", {}).items()},
            never_field=settings.get("never_field", ""),
            never_values=frozenset(settings.get("never_values", ())),
        )

    @property
    def settings(self) -> dict[str, Any]:
        """The rules as they stand in a connection's settings."""
        return {
            "seed_field": self.seed_field,
            "seed_words": {word: choice.value for word, choice in self.seed_words.items()},
            "never_field": self.never_field,
            "never_values": sorted(self.never_values),
        }

    @property
    def fields(self) -> frozenset[str]:
        """The short names of the fields that are read; no other field is kept."""
        return frozenset(filter(None, (self.seed_field, self.never_field)))

    def choice(self, profile: Mapping[str, str]) -> Choice | None:
        """What the seeding field says; ``None`` if nothing that is understood."""
        word = folded(profile.get(self.seed_field, ""))
        return self.seed_words.get(word) or WORDS.get(word)

    def never(self, profile: Mapping[str, str]) -> bool:
        """Whether the other field says that the person is never named."""
        return folded(profile.get(self.never_field, "")) in self.never_values
