"""A few pages for people who follow a link from the bridge into the LMS."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from markupsafe import Markup

from bridge.demo.lms.store import Store
from bridge.demo.lms.wording import cleaned, machine_time, when
from bridge.demo.world import Course

_HUES = (212, 160, 265, 28, 340)


def pages(store: Store) -> Blueprint:
    """The front page, courses, discussions, people, and the pictures that Moodle draws."""
    site = Blueprint("pages", __name__)
    site.add_app_template_filter(lambda markup: Markup(cleaned(markup)), "cleaned")
    site.add_app_template_filter(when, "when")
    site.add_app_template_filter(machine_time, "machine_time")

    @site.context_processor
    def _site() -> dict[str, Any]:
        return {"site_name": store.site_name, "store": store}

    @site.get("/")
    def front() -> str:
        with store.lock:
            shelves = [
                (category, [c for c in _visible(store) if c.category_id == category.id])
                for category in store.categories.values()
            ]
            return render_template("lms_front.html", shelves=shelves)

    @site.get("/course/view.php")
    def course() -> str:
        with store.lock:
            found = _course(store, _id("id"))
            open_forums = [
                forum
                for forum in store.forums_of(found.id)
                if not _is_closed(store, forum.activity_id)
            ]
            talks = [d for forum in open_forums for d in store.discussions_of(forum.id)]
            talks.sort(key=lambda d: d.modified_at, reverse=True)
            return render_template("lms_course.html", course=found, talks=talks)

    @site.get("/mod/forum/discuss.php")
    def discussion() -> str:
        with store.lock:
            found = store.discussions.get(_id("d")) or abort(404)
            forum = store.forums[found.forum_id]
            if _is_closed(store, forum.activity_id):
                abort(403)
            return render_template(
                "lms_discussion.html",
                talk=found,
                course=_course(store, forum.course_id),
                posts=store.posts_of(found.id),
            )

    @site.get("/user/view.php")
    @site.get("/user/profile.php")
    def person() -> str:
        with store.lock:
            found = store.people.get(_id("id")) or abort(404)
            teams = [t for t in store.teams.values() if found.id in t.member_ids]
            return render_template("lms_person.html", person=found, teams=teams)

    @site.get("/pluginfile.php/<int:context>/course/generated/course.svg")
    def cover(context: int) -> Response:
        return _picture(_HUES[context % len(_HUES)], context)

    @site.get("/theme/image.php/boost/core/<int:revision>/u/<size>")
    def face(revision: int, size: str) -> Response:
        return _picture(210, 0)

    return site


def _id(name: str) -> int:
    return request.args.get(name, 0, type=int)


def _visible(store: Store) -> list[Course]:
    return [course for course in store.courses.values() if course.visible]


def _course(store: Store, course_id: int) -> Course:
    found = store.courses.get(course_id) or abort(404)
    return found if found.visible else abort(403)


def _is_closed(store: Store, activity_id: int) -> bool:
    """Whether a part of the course may not look into the activity."""
    activity = store.activities[activity_id]
    return bool(not activity.visible or activity.availability or activity.group_mode)


def _picture(hue: int, number: int) -> Response:
    """Overlapping discs in one hue: what Moodle's geometric patterns are, only quieter."""
    discs = "".join(
        f'<circle cx="{(number * 37 + 53 * n) % 200}" cy="{(number * 71 + 29 * n) % 100}" '
        f'r="{30 + 11 * n % 40}" fill="hsl({hue} 60% {70 - 6 * n}% / 0.55)"/>'
        for n in range(5)
    )
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100">'
        f'<rect width="200" height="100" fill="hsl({hue} 45% 84%)"/>{discs}</svg>'
    )
    return Response(svg, mimetype="image/svg+xml")
