"""What is kept of a run of Lighthouse: the scores, what made them up, and what cost points."""

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

BARS = {"performance": 95, "accessibility": 100, "seo": 100}
# By catalogue, then by page.
Reports = Mapping[str, Mapping[str, Mapping[str, Any]]]
_METRICS = {
    "first-contentful-paint": ("first paint", "ms"),
    "largest-contentful-paint": ("largest paint", "ms"),
    "total-blocking-time": ("blocked", "ms"),
    "cumulative-layout-shift": ("shift", ""),
}


def median_report(reports: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the report whose performance is the median; of two, the worse."""
    return sorted(reports, key=lambda report: report["scores"]["performance"])[(len(reports) - 1) // 2]


def write_report(reports: Reports, folder: Path) -> None:
    """Write lighthouse.json, and lighthouse.md for people."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "lighthouse.json").write_text(json.dumps(reports, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    busy = f"a load average of {os.getloadavg()[1]:.1f} at the end"
    machine = f"{os.cpu_count()} cores ({platform.system()} {platform.machine()}), {busy}"
    text = format_report(reports, measured_on=date.today(), machine=machine)
    (folder / "lighthouse.md").write_text(text, encoding="utf-8")


def format_report(reports: Reports, *, measured_on: date, machine: str) -> str:
    versions = {page["version"] for pages in reports.values() for page in pages.values()}
    head = f"""# Lighthouse

Measured on {measured_on.isoformat()} with Lighthouse {", ".join(sorted(versions))} in headless Chromium, on a machine
with {machine}, which ran the portal too.

Lighthouse simulates a phone on a slow network; work of others on the machine shows as time that the page was blocked.
The median of several runs counts. The report is made by
`python -m benchmarks.lighthouse --keep`; the numbers behind it are in `lighthouse.json`.
"""
    return "\n".join([head, *_table(reports), "", *_findings(reports)])


def _table(reports: Reports) -> Iterator[str]:
    names = [*BARS, *(label for label, _unit in _METRICS.values()), "size"]
    yield f"| catalogue | page | {' | '.join(names)} |"
    yield "|" + "---|" * (len(names) + 2)
    for catalogue, pages in reports.items():
        for page, report in pages.items():
            scores = [str(report["scores"][name]) for name in BARS]
            metrics = [_figure(report["metrics"][key], unit) for key, (_label, unit) in _METRICS.items()]
            cells = [catalogue, page, *scores, *metrics, f"{report['bytes'] / 1024:.0f} KiB"]
            yield f"| {' | '.join(cells)} |"


def _figure(value: float, unit: str) -> str:
    return f"{value:.0f} {unit}" if unit else f"{value:.3f}"


def _findings(reports: Reports) -> Iterator[str]:
    yield "## What cost points\n"
    lines = [
        f"- {catalogue}, {page}: {finding['audit']} {finding['shown']}".rstrip()
        for catalogue, pages in reports.items()
        for page, report in pages.items()
        for finding in report["findings"]
    ]
    yield "\n".join(lines or ["Nothing."]) + "\n"
