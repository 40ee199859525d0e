"""The example alerts, tried by Prometheus' own tool, and what processes show, judged by it."""

import os
import re
import shutil
import subprocess

import pytest
import yaml
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest

from analytics.exporting import StateCollector, observe_viewers
from tests.deploy.files import ROOT

_RULES = ROOT / "deploy" / "prometheus" / "alerts.yml"
_RULE_TESTS = _RULES.with_name("alerts_test.yml")
# What the tool minds, and we keep: the name is older than the custom, and promised.
_ACCEPTED = {"nova_streaming_viewers_total"}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None and os.environ.get("CI") != "true",
    reason="promtool is not installed (apt-get install prometheus)",
)


def _rules() -> list[dict[str, object]]:
    (group,) = yaml.safe_load(_RULES.read_text())["groups"]
    return list(group["rules"])


def _promtool(*arguments: str, given: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(["promtool", *arguments], input=given, capture_output=True, check=False)


@needs_promtool
def test_the_rules_are_rules() -> None:
    done = _promtool("check", "rules", str(_RULES))
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_each_alert_fires_by_what_it_is_for() -> None:
    done = _promtool("test", "rules", str(_RULE_TESTS))
    assert done.returncode == 0, (done.stdout + done.stderr).decode()


@needs_promtool
@pytest.mark.django_db(transaction=True)
def test_what_is_shown_is_as_prometheus_would_have_it() -> None:
    observe_viewers([3])
    state = CollectorRegistry()
    state.register(StateCollector())
    shown = _ours(generate_latest(REGISTRY)) + _ours(generate_latest(state))
    done = _promtool("check", "metrics", given=shown)
    minded = {line.split()[0] for line in done.stderr.decode().splitlines() if line.startswith("nova_")}
    assert minded == _ACCEPTED, done.stderr.decode()


def _ours(text: bytes) -> bytes:
    """Leave out what libraries show, and when counting began."""
    lines = (line for line in text.decode().splitlines(keepends=True) if re.match(r"(# (HELP|TYPE) )?nova_", line))
    return "".join(line for line in lines if not re.match(r"(# \w+ )?\w+_created\b", line)).encode()


def test_each_alert_is_tried_both_ways() -> None:
    tests = yaml.safe_load(_RULE_TESTS.read_text())["tests"]
    tried = [{entry["alertname"]: bool(entry["exp_alerts"]) for entry in test["alert_rule_test"]} for test in tests]
    names = {str(rule["alert"]) for rule in _rules()}
    assert tried == [dict.fromkeys(names, False), dict.fromkeys(names, True)]


def test_each_alert_leads_to_what_can_be_done() -> None:
    page = (ROOT / "docs" / "howto" / "watch-nova.md").read_text(encoding="utf-8")
    for rule in _rules():
        assert rule["annotations"]["runbook"] == f"docs/howto/watch-nova.md#{str(rule['alert']).lower()}"  # type: ignore[index]
        assert f"### {rule['alert']}\n" in page


def test_alerts_go_by_metrics_that_are_in_the_reference() -> None:
    reference = (ROOT / "docs" / "reference" / "metrics.md").read_text(encoding="utf-8")
    for rule in _rules():
        for name in re.findall(r"\b(?:nova|django)_\w+", str(rule["expr"])):
            assert f"| `{name.removesuffix('_bucket')}` |" in reference, name
