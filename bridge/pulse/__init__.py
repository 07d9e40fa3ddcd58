"""The pulse asks whether the network is alive: three numbers, counted by week.

* *eligible*: everybody of the group today who is neither suspended nor gone; the denominator.
* *reached*: signed in and saw something that week (SWOOP's reach: seen ÷ everyone).
* *active*: did anything there, if only opening an item (tyGraph: active ÷ registered).
* *engaged*: posted, asked, replied, commented, shared or cheered (SWOOP's interaction; tyGraph:
  engaged ÷ active). Starting a discussion in a forum of the LMS counts.

Whoever is engaged is active, and whoever is active is reached. Only people who are eligible today
are counted in any week, so that no number exceeds its denominator. Weeks are ISO weeks: they begin
on Monday, in UTC.

The numbers are about coming and taking part, not about learning; still a group of fewer than five
people is not shown, since its numbers would point at persons. The room counts. It makes no claim
about why, and it draws nothing.
"""

from bridge.pulse.presence import record
from bridge.pulse.weeks import pulse, teams

__all__ = ["pulse", "record", "teams"]
