"""What is said to the command that adds an outlet.

A token or another secret is read from the environment: in a command others could see it.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from bridge.errors import InputError
from bridge.model import AudienceKind
from bridge.outlets.questions import Configured, Unanswered, settings_of

SECRET_VARIABLE = "SOCIALBRIDGE_OUTLET_SECRET"
OPTIONS: Mapping[str, str] = {"forum_id": "--forum", "lists": "--list"}
"""Options that are not called as the question is."""


def option_of(question: str) -> str:
    """The option by which a question is answered."""
    return OPTIONS.get(question, f"--{question}")


def configured(kind: str, said: Mapping[str, Any], audience: AudienceKind) -> Configured:
    """The settings and the secret of a new outlet.

    :param said: by the name of the question; several answers to one as a tuple.
    :raises InputError: if something is missing, or cannot be used, naming the option.
    """
    words = {
        name: "\n".join(answer) if isinstance(answer, tuple) else str(answer)
        for name, answer in said.items()
        if answer is not None
    }
    try:
        return settings_of(kind, words, os.environ.get(SECRET_VARIABLE, ""), audience)
    except Unanswered as error:
        if error.question is None:
            remedy = f"Set {SECRET_VARIABLE} to it. {error.remedy}"
        else:
            option, example = option_of(error.question.name), _quoted(error.question.example)
            remedy = f"Add {option} {example}. {error.remedy}"
        raise InputError(error.message, remedy) from error


def _quoted(example: str) -> str:
    return f"'{example}'" if example.startswith("!") else example
