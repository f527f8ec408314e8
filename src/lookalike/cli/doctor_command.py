"""``lookalike doctor``: what is installed, what is missing, whether the catalog is sound."""

from __future__ import annotations

from pathlib import Path

import click

from lookalike.cli.options import catalog_option, json_option
from lookalike.cli.speaking import echo, print_json
from lookalike.settings import Settings

MARKS = {"ok": "ok     ", "missing": "missing", "problem": "PROBLEM"}


@click.command(name="doctor")
@catalog_option
@json_option
def command(catalog: Path | None, as_json: bool) -> int:
    """Check versions, extras, the kernel and the catalog.

    Missing extras are named with the command that installs them. Exits with 4 when something is wrong.
    """
    from lookalike.standalone import check_installation

    findings = check_installation(Settings.from_environment().override(catalog=catalog))
    if as_json:
        print_json({"findings": [finding.as_dict() for finding in findings]})
    else:
        for finding in findings:
            echo(f"{MARKS[finding.state]}  {finding.subject}: {finding.words}")
    return 4 if any(finding.state == "problem" for finding in findings) else 0
