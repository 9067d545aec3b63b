"""`open`: the page in the browser."""

from __future__ import annotations

import click

from playlistkit.cli.run import Context, say

__all__ = ["open_"]


@click.command(
    name="open",
    epilog="""
\b
Example:
  playlistkit open
  playlistkit open --port 9000 --no-browser
""",
)
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    metavar="N",
    help="The page's port: http://127.0.0.1:N.  [default: 8777, or any free port]",
)
@click.option("--browser/--no-browser", default=True, help="Open it in the browser.  [default: browser]")
@click.pass_obj
def open_(context: Context, port: int | None, browser: bool) -> None:
    """Do everything in the browser, on a page that only this machine can reach.

    If the page is already being served, the browser opens that one. Ctrl-C, or "Close" on the page, ends it.
    """
    from playlistkit.web.server import open_page

    open_page(context.library_path, port=port, browser=browser, tell=say)
