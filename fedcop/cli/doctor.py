"""`fedcop doctor`: everything that a server needs is looked at."""

import asyncio
import json
from dataclasses import asdict

import typer
from rich.text import Text

from fedcop.cli.opening import read_settings
from fedcop.cli.printing import AsJson, console
from fedcop.errors import Invalid
from fedcop.upkeep.doctor import examine
from fedcop.upkeep.findings import Finding, State, broken, is_broken

app = typer.Typer()

_MARKS = {
    State.OK: ("✓", "green"),
    State.NOTE: ("·", "dim"),
    State.WARNING: ("!", "yellow"),
    State.BROKEN: ("✗", "red"),
}


@app.command()
def doctor(as_json: AsJson = False) -> None:
    """Look at everything that a server needs, and say what is wrong with it."""
    findings = _looked_at(quiet=as_json)
    failed = is_broken(findings)
    if as_json:
        print(json.dumps({"ok": not failed, "findings": [asdict(one) for one in findings]}))
    else:
        for finding in findings:
            console.print(_line(finding))
        console.print(_sum(findings))
    if failed:
        raise typer.Exit(1)


def _looked_at(*, quiet: bool) -> list[Finding]:
    try:
        settings = read_settings(log_level="error")
    except Invalid as error:
        return [broken("settings", str(error), "docs/admins/settings.md explains them all.")]
    if quiet:
        return asyncio.run(examine(settings))
    with console.status("Looking at everything …"):
        return asyncio.run(examine(settings))


def _line(finding: Finding) -> Text:
    mark, colour = _MARKS[finding.state]
    line = Text.assemble((mark, colour), f" {finding.check:<14} ", finding.words)
    if finding.mend:
        line.append(f"\n{'':17}→ {finding.mend}", "bold")
    return line


def _sum(findings: list[Finding]) -> str:
    wrong = sum(one.state is State.BROKEN for one in findings)
    warned = sum(one.state is State.WARNING for one in findings)
    if not wrong and not warned:
        return "\nAll is well."
    return f"\n{wrong} broken, {warned} to be looked after."
