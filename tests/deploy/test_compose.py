"""docker-compose.yml, judged as a structure: no Docker engine is needed."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.deploy.files import COMPOSE, OURS, ROOT, SERVICES, compose_variables, documented_settings, offered_settings

# What is put on top of docker-compose.yml.
_ADDED = ("nginx-media", "cdn", "rtmps")
_CDN_SECRETS = {"NOVA_CDN_KEY_FILE": "cdn_key", "NOVA_CDN_PULL_SECRET_FILE": "cdn_pull_secret"}


def test_every_process_has_a_service() -> None:
    assert set(SERVICES) == {*OURS, "edge", "postgres", "redis", "ingest"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_no_more_rights_than_it_needs(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["user"].split(":")[0] not in {"0", "root"}
    assert any(mount.startswith("/tmp") for mount in service["tmpfs"])


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_is_bounded(name: str) -> None:
    service = SERVICES[name]
    assert set(service["deploy"]["resources"]["limits"]) == {"cpus", "memory", "pids"}
    assert set(service["logging"]["options"]) == {"max-size", "max-file"}


@pytest.mark.parametrize("name", SERVICES)
def test_a_service_has_a_health_check_and_comes_back(name: str) -> None:
    service = SERVICES[name]
    if name == "migrate":
        assert service["restart"] == "no"
        return
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][0] in {"CMD", "CMD-SHELL"}
    assert {"interval", "timeout", "retries", "start_period"} <= set(service["healthcheck"])


@pytest.mark.parametrize("name", set(OURS) - {"migrate"})
def test_ours_start_after_the_migration_and_what_they_need(name: str) -> None:
    conditions = {needed: how["condition"] for needed, how in SERVICES[name]["depends_on"].items()}
    assert conditions == {
        "postgres": "service_healthy",
        "redis": "service_healthy",
        "migrate": "service_completed_successfully",
    }


def test_the_edge_waits_for_web_and_origin_and_restarts_with_them() -> None:
    wanted = {"condition": "service_healthy", "restart": True}
    assert SERVICES["edge"]["depends_on"] == {"web": wanted, "origin": wanted}


def test_the_edge_cannot_reach_the_database() -> None:
    assert not set(SERVICES["edge"]["networks"]) & set(SERVICES["postgres"]["networks"])
    assert not set(SERVICES["edge"]["networks"]) & set(SERVICES["redis"]["networks"])
    assert SERVICES["postgres"]["networks"] == SERVICES["redis"]["networks"] == ["data"]
    assert COMPOSE["networks"]["data"]["internal"] is True
    assert COMPOSE["networks"]["inside"]["internal"] is True


def test_only_the_edge_and_rtmp_are_published() -> None:
    published = {name: [port.rsplit(":", 1)[1] for port in s["ports"]] for name, s in SERVICES.items() if "ports" in s}
    assert published == {"edge": ["8080", "8443"], "origin": ["1935"], "ingest": ["1935"]}


def test_what_is_referred_to_is_declared() -> None:
    for name, service in SERVICES.items():
        assert set(service["networks"]) <= set(COMPOSE["networks"]), name
        assert set(service.get("secrets", [])) <= set(COMPOSE["secrets"]), name
        for source in (volume.split(":")[0] for volume in service.get("volumes", [])):
            assert source in COMPOSE["volumes"] or source == "./deploy/tls" or (ROOT / source).exists(), source


@pytest.mark.parametrize("name", OURS)
def test_every_process_can_write_its_data_folder(name: str) -> None:
    # The root is read-only, and nova.E010 keeps a process without such a folder from starting.
    service = SERVICES[name]
    held = [mount.split(":")[0] for mount in service["tmpfs"]]
    assert "media:/data" in service.get("volumes", []) or "/data" in held


def test_nothing_is_declared_for_nobody() -> None:
    for kind in ("networks", "secrets"):
        assert {item for service in SERVICES.values() for item in service.get(kind, [])} == set(COMPOSE[kind])
    mounted = {volume.split(":")[0] for service in SERVICES.values() for volume in service.get("volumes", [])}
    assert set(COMPOSE["volumes"]) <= mounted


def test_mounted_files_cannot_be_written() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            assert not volume.startswith("./") or volume.endswith(":ro"), volume


def test_secrets_are_files_and_never_values() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            if re.search(r"SECRET|PASSWORD|DATABASE|REDIS", name):
                assert name.endswith("_FILE"), name
                assert value.removeprefix("/run/secrets/") in service["secrets"], value


def test_every_secret_is_made_by_the_script(tmp_path: Path) -> None:
    script = (ROOT / "deploy" / "make-secrets").read_text()
    for name, secret in COMPOSE["secrets"].items():
        assert secret == {"file": f"deploy/secrets/{name}"}
        assert f"keep {name}" in script


@pytest.mark.parametrize("name", OURS)
def test_the_command_is_a_role_of_the_entry_point(name: str) -> None:
    roles = re.findall(r"^  (\w+)\) +set --", (ROOT / "deploy" / "entrypoint").read_text(), re.MULTILINE)
    assert SERVICES[name]["command"] == [name]
    assert name in roles


def test_every_variable_is_documented() -> None:
    given = set(SERVICES["web"]["environment"]) | compose_variables() | offered_settings()
    # Those are Compose's own.
    given -= {"COMPOSE_FILE", "COMPOSE_PROFILES"}
    assert given <= documented_settings() | {f"{name}_FILE" for name in documented_settings()}


def test_every_variable_of_compose_is_offered_in_the_example() -> None:
    assert compose_variables() <= offered_settings()


def test_images_are_pinned_by_tag() -> None:
    # Those that are built have their base in a Dockerfile.
    for name in {name for name, service in SERVICES.items() if "build" not in service}:
        assert re.fullmatch(r"[a-z]+:\d[\w.]*(-\w+)?", SERVICES[name]["image"]), name


@pytest.mark.parametrize("name", ["docker-compose.yml", *(f"deploy/compose-{name}.yml" for name in _ADDED)])
def test_the_file_keeps_to_the_compose_specification(name: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", name],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_an_edge_that_serves_media_may_read_what_the_portal_writes_and_nothing_more() -> None:
    added = yaml.safe_load((ROOT / "deploy" / "compose-nginx-media.yml").read_text())["services"]
    assert added.keys() == {"edge", "web"}
    group = SERVICES["web"]["user"].split(":")[1]
    assert added["edge"]["user"] == f"{SERVICES['edge']['user'].split(':')[0]}:{group}"
    media, config = added["edge"]["volumes"]
    # The same place as in the other containers, which is the one that the configuration names.
    assert media == f"{SERVICES['web']['volumes'][0]}:ro"
    source, target, mode = config.split(":")
    assert "alias /data/media/packages/" in (ROOT / source).read_text()
    # A file can only be mounted over one that is there.
    folder = next(volume for volume in SERVICES["edge"]["volumes"] if "/deploy/nginx" in volume).split(":")
    assert (ROOT / folder[0] / Path(target).relative_to(folder[1])).exists()
    assert mode == "ro"
    assert added["web"]["environment"] == {"NOVA_DELIVERY": "nginx"}


def test_what_signs_for_a_cdn_gets_its_secrets_as_files() -> None:
    added = yaml.safe_load((ROOT / "deploy" / "compose-cdn.yml").read_text())
    for name in ("web", "origin"):
        service = added["services"][name]
        told = {variable: f"/run/secrets/{secret}" for variable, secret in _CDN_SECRETS.items()}
        assert service["environment"] == {"NOVA_DELIVERY": "cdn", **told}
        assert set(service["secrets"]) == set(_CDN_SECRETS.values())
    assert added["secrets"] == {name: {"file": f"deploy/secrets/{name}"} for name in _CDN_SECRETS.values()}
    assert set(_CDN_SECRETS) <= {f"{name}_FILE" for name in documented_settings()}


def test_the_ingest_server_is_there_for_those_who_want_it_and_speaks_with_the_origin_alone() -> None:
    ingest = SERVICES["ingest"]
    assert ingest["profiles"] == ["ingest"]
    assert [name for name, service in SERVICES.items() if "profiles" in service] == ["ingest"]
    assert "inside" in ingest["networks"]
    assert "data" not in ingest["networks"]
    assert ingest["depends_on"] == {"origin": {"condition": "service_healthy", "restart": True}}


def test_origin_and_ingest_server_share_a_secret_that_nobody_else_has() -> None:
    for secret, owner in {"ingest_servers": "origin", "ingest_hooks": "ingest"}.items():
        assert [name for name, service in SERVICES.items() if secret in service.get("secrets", [])] == [owner]
    assert SERVICES["origin"]["environment"].items() > SERVICES["web"]["environment"].items()
    assert SERVICES["origin"]["environment"]["NOVA_INGEST_SERVERS_FILE"] == "/run/secrets/ingest_servers"
    assert "include /run/secrets/ingest_hooks;" in (ROOT / "deploy" / "ingest" / "nginx.conf").read_text()


def test_the_image_of_the_ingest_server_is_that_of_its_configuration() -> None:
    image = (ROOT / "deploy" / "ingest" / "Dockerfile").read_text()
    assert SERVICES["ingest"]["build"] == {"context": "deploy/ingest"}
    assert re.search(r"^FROM debian:[a-z]+-slim$", image, re.MULTILINE)
    assert "COPY nginx.conf /etc/nginx/ingest.conf" in image
    assert '"-c", "/etc/nginx/ingest.conf"' in image


def test_rtmps_is_taken_with_the_certificate_of_the_edge() -> None:
    added = yaml.safe_load((ROOT / "deploy" / "compose-rtmps.yml").read_text())["services"]
    assert added.keys() == {"origin"}
    (mount,) = added["origin"]["volumes"]
    source, folder, mode = mount.split(":")
    assert f"{source}:/etc/nginx/tls:ro" in SERVICES["edge"]["volumes"]
    assert mode == "ro"
    assert {Path(path).parent for path in added["origin"]["environment"].values()} == {Path(folder)}
    assert added["origin"]["environment"].keys() <= documented_settings()
    (port,) = added["origin"]["ports"]
    # The default of NOVA_RTMPS_PORT.
    assert port.endswith(":1936")
