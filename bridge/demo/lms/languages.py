"""The languages that the token's user may read reports in: dates, yes and no, column headings.

Moodle writes all of these in the language and the time zone of whoever asks, so a reader who
understands only English ones reads nothing on most sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

SERVER_ZONE = "99"
"""Moodle's word for the time zone of the server, which is UTC here."""


@dataclass(frozen=True)
class Language:
    """How one language writes what a report tells.

    :param day_and_time: Moodle's ``strftimedaydatetime``, with the names of the fields below.
    :param headings: identifier of a column → its title; see :data:`ENGLISH`.
    """

    days: tuple[str, ...]
    months: tuple[str, ...]
    day_and_time: str
    yes: str
    no: str
    decimal_point: str
    headings: Mapping[str, str]

    def when(self, moment: int, zone: tzinfo = UTC) -> str:
        """The moment, in epoch seconds, to the minute; empty for 0, which stands for never."""
        if not moment:
            return ""
        at = datetime.fromtimestamp(moment, zone)
        return self.day_and_time.format(
            weekday=self.days[at.weekday()],
            day=at.day,
            month=self.months[at.month - 1],
            year=at.year,
            hour=at.hour,
            hour12=at.hour % 12 or 12,
            minute=at.minute,
            half="AM" if at.hour < 12 else "PM",
        )

    def percent(self, share: float) -> str:
        """``66.7%``."""
        return f"{share:.1f}%".replace(".", self.decimal_point)


ENGLISH = Language(
    days=("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
    months=(
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    day_and_time="{weekday}, {day} {month} {year}, {hour12}:{minute:02} {half}",
    yes="Yes",
    no="No",
    decimal_point=".",
    headings={
        "course:coursefullnamewithlink": "Course full name with link",
        "course:fullname": "Course full name",
        "course:shortname": "Course short name",
        "course:idnumber": "Course ID number",
        "user:fullnamewithlink": "Full name with link",
        "user:fullname": "Full name",
        "user:username": "Username",
        "user:email": "Email address",
        "completion:completed": "Completed",
        "completion:timecompleted": "Time completed",
        "completion:progresspercent": "Student progress",
        "completion:grade": "Grade",
    },
)

GERMAN = Language(
    days=("Montag", "Dienstag", "Mittwoch", "Donnerstag", "Freitag", "Samstag", "Sonntag"),
    months=(
        "Januar",
        "Februar",
        "März",
        "April",
        "Mai",
        "Juni",
        "Juli",
        "August",
        "September",
        "Oktober",
        "November",
        "Dezember",
    ),
    day_and_time="{weekday}, {day}. {month} {year}, {hour:02}:{minute:02}",
    yes="Ja",
    no="Nein",
    decimal_point=",",
    headings={
        "course:coursefullnamewithlink": "Vollständiger Kursname mit Link",
        "course:fullname": "Vollständiger Kursname",
        "course:shortname": "Kurzer Kursname",
        "course:idnumber": "Kurs-ID",
        "user:fullnamewithlink": "Vollständiger Name mit Link",
        "user:fullname": "Vollständiger Name",
        "user:username": "Anmeldename",
        "user:email": "E-Mail-Adresse",
        "completion:completed": "Abgeschlossen",
        "completion:timecompleted": "Zeit abgeschlossen",
        "completion:progresspercent": "Fortschritt",
        "completion:grade": "Bewertung",
    },
)

SPANISH = Language(
    days=("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo"),
    months=(
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
    day_and_time="{weekday}, {day} de {month} de {year}, {hour:02}:{minute:02}",
    yes="Sí",
    no="No",
    decimal_point=",",
    headings={
        "course:coursefullnamewithlink": "Nombre completo del curso con enlace",
        "course:fullname": "Nombre completo del curso",
        "course:shortname": "Nombre corto del curso",
        "course:idnumber": "Número ID del curso",
        "user:fullnamewithlink": "Nombre completo con enlace",
        "user:fullname": "Nombre completo",
        "user:username": "Nombre de usuario",
        "user:email": "Dirección de correo",
        "completion:completed": "Finalizado",
        "completion:timecompleted": "Hora de finalización",
        "completion:progresspercent": "Progreso",
        "completion:grade": "Calificación",
    },
)

LANGUAGES: Mapping[str, Language] = {"en": ENGLISH, "de": GERMAN, "es": SPANISH}
"""Moodle's code → the language."""


def known_language(code: str) -> str:
    """The same code.

    :raises ValueError: if the demo LMS does not speak it.
    """
    if code not in LANGUAGES:
        raise ValueError(f"The demo LMS speaks {', '.join(LANGUAGES)}, and not {code}.")
    return code


def known_zone(name: str) -> str:
    """The same name of a time zone, or :data:`SERVER_ZONE`.

    :raises ValueError: if there is no such zone.
    """
    try:
        zone_of(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise ValueError(f"{name} is no time zone.") from error
    return name


def zone_of(name: str) -> tzinfo:
    """The time zone of that name.

    :raises ZoneInfoNotFoundError: if there is none.
    """
    return UTC if name == SERVER_ZONE else ZoneInfo(name)
