"""Front-end files from npm: fetched at set-up, served by the console, none of them in the repo.

``python -m neiic.console.assets`` installs what ``package-lock.json`` names, by its hashes.
"""

from pathlib import Path

FOLDER = Path(__file__).parent
#: The packages' files that pages refer to, by the name under which they are served.
FILES = {"htmx.js": FOLDER / "node_modules/htmx.org/dist/htmx.min.js"}
