"""The documents say what the code does: names are compared, links are followed."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import get_commands

from portal import events
from portal.celery import app
from portal.errors import all_errors
from portal.rate_limits import variable_of
from tests.deploy.files import compose_variables, documented_settings

_ROOT: Path = settings.BASE_DIR
_DOCS = _ROOT / "docs"
_APPS = ("portal", "catalog", "streaming", "analytics")
_PAGES = sorted([*_DOCS.rglob("*.md"), *_ROOT.glob("README.md")])
# Names that the standards keep for examples (RFC 2606, RFC 6761), and this machine's.
_HOSTS_FOR_EXAMPLES = re.compile(r"(^|\.)(example\.(com|org|net)|localhost)$|^127\.0\.0\.1$|^\[::1\]$")
# Compose's names for its services, in addresses between containers.
_SERVICES = {"web", "origin", "postgres", "redis", "ingest"}


def _sources() -> Iterator[str]:
    for name in _APPS:
        for path in sorted((_ROOT / name).rglob("*.py")):
            yield path.read_text(encoding="utf-8")


def _settings_that_are_read() -> set[str]:
    """Return each variable that is read by way of `Env`, or straight from the environment."""
    pattern = re.compile(
        r"""(?:\benv\.\w+\(|\bos\.environ(?:\.get\(|\[))\s*"((?:NOVA|OTEL|DATABASE|REDIS)_[A-Z_]+)\""""
    )
    read = {name for source in _sources() for name in pattern.findall(source)}
    return read | {variable_of(scope) for scope in settings.NOVA_RATE_LIMITS}


def _first_cells(page: str) -> set[str]:
    """Return what stands in backquotes at the start of the rows of a reference page's tables."""
    text = (_DOCS / "reference" / page).read_text(encoding="utf-8")
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def test_every_setting_is_documented() -> None:
    assert sorted(_settings_that_are_read() - documented_settings()) == []


def test_no_setting_is_documented_that_nothing_reads() -> None:
    assert sorted(documented_settings() - _settings_that_are_read() - compose_variables()) == []


def test_every_problem_is_documented_with_its_status() -> None:
    text = (_DOCS / "reference" / "problems.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z-]+)` \| (\d{3}) ", text, re.MULTILINE))
    declared = {error.code: str(int(error.status)) for error in all_errors() if error.__module__.startswith(_APPS)}
    assert rows == declared


def test_every_event_is_documented() -> None:
    page = _DOCS / "reference" / "events.md"
    assert page.exists()
    text = page.read_text(encoding="utf-8")
    declared = {name for name, event in events.registered().items() if event.__module__.startswith(_APPS)}
    assert sorted(name for name in declared if f"`{name}`" not in text) == []


def test_every_task_that_beat_starts_is_documented() -> None:
    text = (_DOCS / "reference" / "processes.md").read_text(encoding="utf-8")
    assert sorted(entry["task"] for entry in app.conf.beat_schedule.values()) == sorted(
        re.findall(r"^\| [^|]+ \| `([\w.]+)` \|", text.partition("## What beat starts")[2], re.MULTILINE)
    )


def test_every_system_check_is_documented() -> None:
    declared = {found for source in _sources() for found in re.findall(r'"(nova\.[EW]\d{3})"', source)}
    assert _first_cells("system-checks.md") == declared


def test_every_management_command_is_documented_and_exists() -> None:
    ours = {name for name, app in get_commands().items() if app in _APPS}
    assert {name for name in _first_cells("commands.md") if not name.startswith("make ")} == ours


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", (_ROOT / "Makefile").read_text(), re.MULTILINE))
    for page in _PAGES:
        named = set(re.findall(r"`make ([a-z-]+)`", page.read_text(encoding="utf-8")))
        assert named <= targets, page


def test_every_script_and_source_file_that_is_named_exists() -> None:
    for page in _PAGES:
        text = page.read_text(encoding="utf-8")
        for name in re.findall(r"`((?:portal|catalog|streaming|analytics|scripts|deploy|tests)/[\w./-]+)`", text):
            made_by_operator = name.startswith(("deploy/secrets", "deploy/tls"))
            assert made_by_operator or (_ROOT / name).exists(), f"{page.name} names {name}"


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(_ROOT).as_posix())
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        linked = (page.parent / name) if name else page
        assert linked.exists(), f"{page.name} links to {target}"
        if anchor:
            assert anchor in _anchors(linked), f"{page.name} links to {target}"


def _anchors(page: Path) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", _PAGES, ids=lambda page: page.relative_to(_ROOT).as_posix())
def test_hosts_are_examples(page: Path) -> None:
    for host in re.findall(
        r"\b(?:https?|wss?|rtmps?|redis|postgresql)://(?:[^@/\s`]*@)?(\[[^\]]+\]|[\w.-]+)", page.read_text("utf-8")
    ):
        assert _HOSTS_FOR_EXAMPLES.search(host) or host in _SERVICES, f"{page.name} names {host}"


def test_the_index_leads_to_every_page() -> None:
    index = (_DOCS / "index.md").read_text(encoding="utf-8")
    linked = {(_DOCS / target).resolve() for target in re.findall(r"\]\(([^)#\s]+)", index)}
    pages = {page.resolve() for page in _DOCS.rglob("*.md")} - {(_DOCS / "index.md").resolve()}
    assert sorted(path.relative_to(_DOCS).as_posix() for path in pages - linked) == []


def test_decisions_are_numbered_without_gaps_and_keep_their_form() -> None:
    pages = sorted((_DOCS / "adr").glob("*.md"))
    assert [int(page.name[:4]) for page in pages] == list(range(1, len(pages) + 1))
    for page in pages:
        headings = re.findall(r"^## (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
        assert headings == ["Context", "Decision", "Consequences"], page.name
