"""``python -m neiic.starter`` is ``neiic``."""

from neiic.starter.main import main

if __name__ == "__main__":
    main()
