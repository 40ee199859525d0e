"""The report that is kept of Lighthouse."""

import json
from datetime import date
from pathlib import Path
from typing import Any

from benchmarks.lighthouse.report import format_report, median_report, write_report


def make_report(performance: int = 100, **overrides: Any) -> dict[str, Any]:
    metrics = {
        "first-contentful-paint": 900.4,
        "largest-contentful-paint": 1500,
        "total-blocking-time": 0,
        "cumulative-layout-shift": 0.0123,
    }
    report = {
        "address": "http://localhost/",
        "version": "13.5.0",
        "scores": {"performance": performance, "accessibility": 100, "seo": 100},
        "metrics": metrics,
        "bytes": 204800,
        "findings": [],
    }
    return report | overrides


def test_the_median_run_counts() -> None:
    assert median_report([make_report(99), make_report(80), make_report(95)])["scores"]["performance"] == 95
    assert median_report([make_report(99), make_report(80)])["scores"]["performance"] == 80


def test_the_report_can_be_read() -> None:
    finding = {"audit": "color-contrast", "score": 0, "shown": "2 elements", "where": []}
    reports = {"demo content": {"home": make_report(97), "list": make_report(findings=[finding])}}
    text = format_report(reports, measured_on=date(2026, 11, 21), machine="2 cores")
    assert "| demo content | home | 97 | 100 | 100 | 900 ms | 1500 ms | 0 ms | 0.012 | 200 KiB |" in text
    assert "- demo content, list: color-contrast 2 elements" in text
    assert "Measured on 2026-11-21 with Lighthouse 13.5.0" in text


def test_a_report_without_findings_says_so() -> None:
    text = format_report({"demo content": {"home": make_report()}}, measured_on=date(2026, 11, 21), machine="2 cores")
    assert text.endswith("## What cost points\n\nNothing.\n")


def test_both_files_are_written(tmp_path: Path) -> None:
    reports = {"demo content": {"home": make_report()}}
    write_report(reports, tmp_path / "perf")
    assert json.loads((tmp_path / "perf" / "lighthouse.json").read_text(encoding="utf-8")) == reports
    assert (tmp_path / "perf" / "lighthouse.md").read_text(encoding="utf-8").startswith("# Lighthouse\n")
