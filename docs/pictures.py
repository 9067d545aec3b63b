"""Makes the pictures of docs/sheet.md from the demo music: `python docs/pictures.py`. Needs Chromium for the sheet."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from playlistkit.workflow.demo import demo
from playlistkit.workflow.output.export import export

PICTURES = Path(__file__).with_name("pictures")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
WINDOWS = {"sheet": (960, 1100), "sheet-phone": (500, 1000)}
"""Width and height in pixels."""


def main() -> None:
    """Write the arc, and the sheet as it looks in a wide and a narrow window."""
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        made = demo(folder)
        export(made.plan, PICTURES / "arc.png")
        if CHROMIUM is None:
            raise SystemExit("wrote the arc; the sheet needs Chromium")
        page = (Path(folder) / "session.html").resolve().as_uri()
        for name, (width, height) in WINDOWS.items():
            subprocess.run(  # noqa: S603 -- our own page
                [
                    CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-first-run",
                    f"--user-data-dir={folder}/profile", f"--window-size={width},{height}",
                    f"--screenshot={PICTURES / name}.png", page,
                ],
                check=True, capture_output=True, timeout=120,
            )  # fmt: skip


if __name__ == "__main__":
    main()
