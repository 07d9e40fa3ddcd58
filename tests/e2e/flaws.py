"""What is wrong with a page for some of the people who use it: by axe, and by its width."""

from __future__ import annotations

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

SIZES = {320: 568, 390: 844, 1280: 900}
CHECKED = {390, 1280}
# Only colours depend on the scheme.
RULES: dict[str, dict[str, object]] = {
    "light": {"resultTypes": ["violations"]},
    "dark": {"resultTypes": ["violations"], "runOnly": ["color-contrast"]},
}


def flaws_of(page: Page, name: str) -> list[str]:
    """What axe finds on the page as it stands, and where it is wider than its window."""
    flaws: list[str] = []
    page.evaluate(AXE_FILE_PATH.read_text())
    for width, height in SIZES.items():
        page.set_viewport_size({"width": width, "height": height})
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            flaws.append(f"{name} at {width}: {wide} px too wide")
        for scheme in RULES if width in CHECKED else ():
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            found = page.evaluate("(options) => axe.run(options)", RULES[scheme])
            flaws += [
                f"{name} {width} {scheme}: {violation['id']} {node['html'][:120]}"
                f" {node['failureSummary'][:250]}"
                for violation in found["violations"]
                for node in violation["nodes"]
            ]
    return flaws


def unfold(page: Page) -> None:
    """Open what can be opened, so that what is in it is seen as well."""
    page.evaluate(
        """() => {
            document.querySelectorAll("details:not(.menu):not([name])").forEach((d) => {
                d.open = true;
            });
            const menu = document.querySelector("details.menu");
            if (menu) menu.open = true;
        }"""
    )
