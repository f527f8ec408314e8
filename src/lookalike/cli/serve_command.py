"""``lookalike serve``: the web page and the REST API over one catalog."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import GivenPath, catalog_option
from lookalike.cli.speaking import echo
from lookalike.optional import import_extra
from lookalike.settings import Settings


@click.command(name="serve")
@click.option("--host", help="Where to listen. [default: 127.0.0.1, this machine alone]")
@click.option("--port", type=click.IntRange(0, 65535), help="0 takes a free one. [default: 8377]")
@click.option("--root-path", help="The path that a proxy puts the server below, such as /pictures.")
@click.option("--allow-host", "allow_hosts", multiple=True, help="A name by which the server may be called.")
@click.option("--allow-origin", "allow_origins", multiple=True, help="An origin whose pages may ask (CORS).")
@click.option("--public-read", is_flag=True, default=None, help="Reading needs no token, whoever can reach the server.")
@click.option(
    "--folder",
    type=GivenPath(exists=True, file_okay=False, path_type=Path),
    help="Where pictures go that are sent to be kept.",
)
@click.option(
    "--search-processes",
    type=click.IntRange(0, 64),
    help="Processes that search besides the server's own. [default: 1 with two cores and a catalog below 512 MiB]",
)
@click.option("--new-token", is_flag=True, help="Make a new token for writing; the one before ends.")
@click.option(
    "--config",
    type=GivenPath(dir_okay=False, path_type=Path),
    metavar="TOML",
    help="Settings in a table [serve]; the environment (LOOKALIKE_SERVE_…) and flags win over them.",
)
@click.option("--open", "open_it", is_flag=True, help="Show the page in the browser.")
@catalog_option
def command(
    host: str | None,
    port: int | None,
    root_path: str | None,
    allow_hosts: tuple[str, ...],
    allow_origins: tuple[str, ...],
    public_read: bool | None,
    folder: Path | None,
    search_processes: int | None,
    new_token: bool,
    config: Path | None,
    open_it: bool,
    catalog: Path | None,
) -> int:
    """Serve the catalog's web page and REST API."""
    for module in ("starlette", "uvicorn", "prometheus_client", "python_multipart"):
        import_extra(module, extra="web")
    from lookalike.web.service import Service
    from lookalike.web.serving import serve
    from lookalike.web.settings import read_web_settings

    web = read_web_settings(
        config,
        host=host,
        port=port,
        root_path=root_path,
        allow_hosts=allow_hosts or None,
        allow_origins=allow_origins or None,
        public_read=public_read,
        folder=folder,
        search_processes=search_processes,
    )
    settings = Settings.from_environment().override(catalog=catalog)
    with Service(settings, web) as service:
        if new_token or service.token_hash is None:
            echo(f"The token for writing, shown this once: {service.new_token()}", err=True)
        if not web.on_loopback and web.public_read:
            echo("Whoever can reach this server can look at all pictures of the catalog (--public-read).", err=True)

        def announce(address: str) -> None:
            echo(f"Lookalike serves {address}")
            if open_it:
                click.launch(address)

        serve(service, announce=announce)
    return 0
