"""``python -m zonewright``."""

from zonewright.cli import main

if __name__ == "__main__":
    main()
