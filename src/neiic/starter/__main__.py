"""``python -m neiic.starter`` is ``neiic``."""

from neiic.starter.main import main

main()
