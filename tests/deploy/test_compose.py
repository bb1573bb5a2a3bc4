"""docker-compose.yml, by the compose program that PyPI ships; no engine runs here."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
COMPOSE_FILE = ROOT / "docker-compose.yml"
COMPOSE = Path(sys.executable).with_name("docker-compose")

SECRETS = {
    "POSTGRES_PASSWORD": "secret-of-the-administrator",
    "TEMPORAL_DB_PASSWORD": "secret-of-temporal",
    "RECORDS_DB_PASSWORD": "secret-of-our-records",
}
LONG_RUNNING = {"postgres", "temporal", "temporal-ui", "worker", "console"}
JOBS = {"temporal-schema", "temporal-namespace", "setup"}


def compose(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run compose with these variables alone: no .env of the checkout, no shell's own."""
    empty = folder / "empty.env"
    empty.touch()
    return subprocess.run(
        [COMPOSE, "--env-file", empty, "--file", COMPOSE_FILE, *arguments],
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """The services as compose understands them, with anchors and variables resolved."""
    done = compose(tmp_path_factory.mktemp("compose"), "config", **SECRETS)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = yaml.safe_load(done.stdout)["services"]
    return found


def test_it_is_valid_with_the_variables_set(tmp_path: Path) -> None:
    done = compose(tmp_path, "config", "-q", **SECRETS)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@pytest.mark.parametrize("missing", SECRETS)
@pytest.mark.parametrize("value", [None, ""])
def test_it_says_what_to_do_when_a_variable_is_missing(
    tmp_path: Path, missing: str, value: str | None
) -> None:
    variables = {name: secret for name, secret in SECRETS.items() if name != missing}
    if value is not None:
        variables[missing] = value
    done = compose(tmp_path, "config", "-q", **variables)
    assert done.returncode != 0
    assert f"required variable {missing} is missing a value" in done.stderr
    assert "copy deploy/env.example to .env and fill it in" in done.stderr


def test_every_password_comes_from_outside() -> None:
    variables = [
        (name, value)
        for name, value in strings(yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8")))
        if any(word in name.upper() for word in ("PASSWORD", "PWD", "SECRET", "TOKEN"))
    ]
    assert len(variables) == 5
    for name, value in variables:
        assert value.startswith("${"), name
        assert ":?" in value, f"{name} may be empty"


def test_the_database_address_holds_no_password() -> None:
    values = dict(strings(yaml.safe_load(COMPOSE_FILE.read_text(encoding="utf-8"))))
    _, _, password = values["NEIIC_DATABASE_URL"].partition("@")[0].partition("//neiic:")
    assert password.startswith("${RECORDS_DB_PASSWORD:?")


def test_no_secret_reaches_a_service_that_does_not_need_it(services: dict[str, Any]) -> None:
    holders = {
        secret: {name for name, service in services.items() if secret in str(service)}
        for secret in SECRETS.values()
    }
    assert holders == {
        "secret-of-the-administrator": {"postgres"},
        "secret-of-temporal": {"postgres", "temporal-schema", "temporal"},
        "secret-of-our-records": {"postgres", "setup", "worker", "console"},
    }


def strings(node: Any, name: str = "") -> list[tuple[str, str]]:
    """All strings of a YAML tree, each with the key that it stands under."""
    if isinstance(node, dict):
        return [pair for key, value in node.items() for pair in strings(value, str(key))]
    if isinstance(node, list):
        return [pair for value in node for pair in strings(value, name)]
    return [(name, node)] if isinstance(node, str) else []


def test_all_services_are_there(services: dict[str, Any]) -> None:
    assert set(services) == LONG_RUNNING | JOBS


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_long_running_services_are_watched_and_restarted(
    services: dict[str, Any], name: str
) -> None:
    assert services[name]["healthcheck"]["test"]
    assert services[name]["restart"] == "unless-stopped"


@pytest.mark.parametrize("name", sorted(JOBS))
def test_jobs_end_and_are_waited_for(services: dict[str, Any], name: str) -> None:
    assert services[name]["restart"].startswith("on-failure")
    waiting = [
        service["depends_on"].get(name) for service in services.values() if "depends_on" in service
    ]
    conditions = {depends["condition"] for depends in waiting if depends}
    assert conditions == {"service_completed_successfully"}


def test_two_workers_run_what_setup_has_prepared(services: dict[str, Any]) -> None:
    worker, setup = services["worker"], services["setup"]
    assert worker["deploy"]["replicas"] == 2
    assert worker["command"] == ["worker"]
    assert worker["image"] == setup["image"]
    assert setup["entrypoint"][-1] == "neiic migrate && neiic setup"
    assert worker["environment"] == setup["environment"]


def test_ports_are_open_to_this_host_alone(services: dict[str, Any]) -> None:
    ports = {name: service["ports"] for name, service in services.items() if "ports" in service}
    assert set(ports) == {"temporal", "temporal-ui", "console"}
    for published in ports.values():
        assert [port["host_ip"] for port in published] == ["127.0.0.1"]


def test_the_web_ui_cannot_act(services: dict[str, Any]) -> None:
    assert services["temporal-ui"]["environment"]["TEMPORAL_DISABLE_WRITE_ACTIONS"] == "true"


def test_the_database_is_kept_in_a_volume(services: dict[str, Any]) -> None:
    kept = [v for v in services["postgres"]["volumes"] if v["type"] == "volume"]
    assert [v["target"] for v in kept] == ["/var/lib/postgresql/data"]


def test_what_is_mounted_exists_and_cannot_be_written(services: dict[str, Any]) -> None:
    mounts = [v for s in services.values() for v in s.get("volumes", ()) if v["type"] == "bind"]
    assert mounts
    for mount in mounts:
        assert Path(mount["source"]).exists(), mount["source"]
        assert mount["read_only"]


def test_images_are_pinned_and_name_no_registry(services: dict[str, Any]) -> None:
    for name, service in services.items():
        image, _, tag = service["image"].partition(":")
        assert tag, f"{name} takes whatever is latest"
        assert tag != "latest"
        assert "." not in image, f"{name} names a registry host"


def test_the_example_lists_every_secret_and_holds_none() -> None:
    lines = (ROOT / "deploy/env.example").read_text(encoding="utf-8").splitlines()
    settings = dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))
    assert settings == dict.fromkeys(SECRETS, "")
