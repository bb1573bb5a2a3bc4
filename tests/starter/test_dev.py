"""The stack as a program: one line when it is ready, an orderly end, and what can go wrong."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from temporalio.client import Client

from neiic.settings import load_settings
from neiic.starter import StackError
from neiic.starter.dev import run_stack
from neiic.starter.ports import LOOPBACK, free_port
from tests.starter.processes import DEADLINE, line_from, program, runs
from tests.starter.stack import start_worker

STACK = Path(__file__).with_name("stack.py")


async def until_ready(stack: asyncio.subprocess.Process) -> list[str]:
    lines = [await line_from(stack)]
    while not lines[-1].startswith("ready"):
        lines.append(await line_from(stack))
    return lines


async def end_of(stack: asyncio.subprocess.Process) -> tuple[int | None, list[str], str]:
    async with asyncio.timeout(DEADLINE):
        out, err = await stack.communicate()
    return stack.returncode, out.decode().splitlines(), err.decode()


def server_of(folder: Path) -> int:
    return int((folder / "temporal.pid").read_text())


async def test_it_gets_ready_and_stops_in_order_and_goes_on_where_it_was(tmp_path: Path) -> None:
    port, ui_port = free_port(), free_port()
    async with program(STACK, tmp_path, port, ui_port) as stack:
        *before, ready = await until_ready(stack)
        assert before == ["migrated", "worker started", "server answers"]
        assert ready == (
            f"ready: Temporal 127.0.0.1:{port}, Web UI http://127.0.0.1:{ui_port}, "
            f"data folder {tmp_path}"
        )
        client = await Client.connect(f"{LOOPBACK}:{port}")
        await client.start_workflow("Waiting", id="center/X", task_queue="waiting")
        server = server_of(tmp_path)
        stack.send_signal(signal.SIGINT)
        said = await line_from(stack)
        assert said.startswith(f"stopping: nothing is lost, the next start in {tmp_path} goes on")
        assert await line_from(stack) == "worker stopping"
        assert runs(server)
        stack.send_signal(signal.SIGINT)
        assert await end_of(stack) == (0, ["worker stopped"], "")
        assert not runs(server)
    async with program(STACK, tmp_path, port, ui_port) as stack:
        await until_ready(stack)
        client = await Client.connect(f"{LOOPBACK}:{port}")
        assert [run.id async for run in client.list_workflows()] == ["center/X"]
        stack.send_signal(signal.SIGTERM)
        code, _, _ = await end_of(stack)
        assert code == 0


async def test_it_can_be_stopped_while_it_starts(tmp_path: Path) -> None:
    async with program(STACK, tmp_path, free_port(), free_port()) as stack:
        assert await line_from(stack) == "migrated"
        server = server_of(tmp_path)
        stack.send_signal(signal.SIGTERM)
        code, _, err = await end_of(stack)
        assert (code, err) == (0, "")
        assert not runs(server)


async def test_one_folder_has_one_stack(tmp_path: Path) -> None:
    async with program(STACK, tmp_path, free_port(), free_port()) as first:
        await until_ready(first)
        async with program(STACK, tmp_path, free_port(), free_port()) as second:
            code, out, err = await end_of(second)
        assert (code, out) == (1, [])
        assert f"{tmp_path} is in use by process {first.pid}" in err
        assert runs(server_of(tmp_path))


async def test_a_killed_stack_starts_again_at_once(tmp_path: Path) -> None:
    port, ui_port = free_port(), free_port()
    async with program(STACK, tmp_path, port, ui_port) as stack:
        await until_ready(stack)
        client = await Client.connect(f"{LOOPBACK}:{port}")
        await client.start_workflow("Waiting", id="center/X", task_queue="waiting")
        stack.kill()
        await stack.wait()
    async with program(STACK, tmp_path, port, ui_port) as stack:
        await until_ready(stack)
        client = await Client.connect(f"{LOOPBACK}:{port}")
        assert [run.id async for run in client.list_workflows()] == ["center/X"]


async def test_a_server_that_dies_ends_the_stack_with_a_word(tmp_path: Path) -> None:
    port = free_port()
    async with program(STACK, tmp_path, port, free_port()) as stack:
        await until_ready(stack)
        client = await Client.connect(f"{LOOPBACK}:{port}")
        waiting = await client.start_workflow("Waiting", id="center/X", task_queue="waiting")
        # A worker in the middle of its own start goes on trying for 16 s before it stops.
        assert await waiting.query("waits")
        os.kill(server_of(tmp_path), signal.SIGKILL)
        code, _, err = await end_of(stack)
        assert code == 1
        assert "the Temporal server was killed by signal 9" in err
        assert str(tmp_path / "temporal.log") in err


async def test_a_busy_port_names_its_option(tmp_path: Path) -> None:
    port = free_port()
    with socket.create_server((LOOPBACK, port)):
        async with program(STACK, tmp_path, free_port(), port) as stack:
            code, out, err = await end_of(stack)
    assert (code, out) == (1, [])
    assert err == (
        f"port {port} for the Temporal Web UI is in use by another program; "
        "choose another with --ui-port\n"
    )


async def test_a_server_elsewhere_is_not_ours_to_run(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path, temporal_address="temporal.example:7233")
    with pytest.raises(StackError, match=r"NEIIC_TEMPORAL_ADDRESS names temporal\.example:7233"):
        await run_stack(settings, migrate=print, start_worker=start_worker)
