"""``python -m bridge.cli`` is ``socialbridge``."""

from bridge.cli import main

main()
