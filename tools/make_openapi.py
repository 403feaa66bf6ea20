"""Write the OpenAPI document of the API, which a test keeps in step with the code."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from zonewright.web.api.docs import document

FILE = Path(__file__).parent.parent / "docs" / "reference" / "openapi.json"


def text() -> str:
    """Return the document, one key a line so that a change is read at a glance."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the file."""
    FILE.write_text(text(), encoding="utf-8")
    sys.stdout.write("docs/reference/openapi.json\n")


if __name__ == "__main__":
    main()
