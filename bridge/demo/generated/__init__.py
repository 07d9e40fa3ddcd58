"""A site of any size, from formulas: for whom 200 people are not enough to measure anything.

Nothing is kept but the sizes of the courses. Who learns where, who finished what and when, and what
everything is called is worked out from an id whenever it is asked for, in both directions, so that
a site of a million enrolments takes no more memory than one of a hundred. The same size, seed and
moment always make the same site.

Each course takes a block of consecutive places in one long row, and the people sit on the places in
turns; so a course's people are neighbours by id, and a person's courses are every so many places.
"""

from bridge.demo.generated.site import Site
from bridge.demo.generated.size import Size

__all__ = ["Site", "Size"]
