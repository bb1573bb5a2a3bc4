"""What a life asks of the server in a replay: each command with its arguments, and its end.

A replay compares the kinds of commands and nothing more: another duration of a timer, another
argument of an activity, another summary, another answer to an update pass it by. So all of
that is noted line by line when a release is recorded, and compared ever after.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Any

from google.protobuf.json_format import MessageToDict, ParseDict
from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload
from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.client import WorkflowHistory
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.worker import (
    Replayer,
    WorkflowInstance,
    WorkflowInstanceDetails,
    WorkflowRunner,
)

from neiic.sandbox import sandboxed
from neiic.statute.rules import LIBRARY
from neiic.workflows.center import CenterWorkflow
from tests.rule_sets import OTHER

assert OTHER.name in LIBRARY, "some recorded lives are under it"

HISTORIES = Path(__file__).parent
#: What a command says of itself that is the SDK's own business or differs by chance.
NOISE = frozenset({"seq", "activityId", "originalScheduleTime", "protocolInstanceId", "headers"})
#: What a person looks for in a command, before the digest says that it has changed.
TOLD = ("activityType", "startToFireTimeout", "patchId", "timer")

Lines = list[str]


class Noting(WorkflowRunner):
    """The sandbox, with each command that a workflow gives noted."""

    def __init__(self) -> None:
        self._sandbox = sandboxed()
        self.commands: list[Message] = []

    def prepare_workflow(self, defn: Any) -> None:
        self._sandbox.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _NotingInstance(self._sandbox.create_instance(det), self.commands)

    def set_worker_level_failure_exception_types(
        self, types: Sequence[type[BaseException]]
    ) -> None:
        self._sandbox.set_worker_level_failure_exception_types(types)


class _NotingInstance(WorkflowInstance):
    def __init__(self, inner: WorkflowInstance, commands: list[Message]) -> None:
        self._inner = inner
        self._commands = commands

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if any(job.HasField("remove_from_cache") for job in act.jobs):
            self._commands.extend(self._inner.activate(_asking(act)).successful.commands)
        completion = self._inner.activate(act)
        self._commands.extend(completion.successful.commands)
        return completion

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._inner.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._inner.get_external_store_context(command_info)

    def get_info(self) -> Any:
        return self._inner.get_info()


def _asking(last: WorkflowActivation) -> WorkflowActivation:
    """An activation that asks for the snapshot: the state in which the replay leaves the life."""
    asking = WorkflowActivation(
        run_id=last.run_id, timestamp=last.timestamp, history_length=last.history_length
    )
    query = asking.jobs.add().query_workflow
    query.query_id, query.query_type = "end", "snapshot"
    return asking


async def fingerprint(history: WorkflowHistory) -> Lines:
    """One line for each command in order: its kind, what a person would look for, a digest."""
    noting = Noting()
    replayer = Replayer(
        workflows=[CenterWorkflow],
        workflow_runner=noting,
        data_converter=pydantic_data_converter,
    )
    await replayer.replay_workflow(history)
    return [_line(command) for command in noting.commands]


def read(path: Path) -> WorkflowHistory:
    """A recorded run."""
    kept = json.loads(path.read_text(encoding="utf-8"))
    return WorkflowHistory.from_json(kept["workflow_id"], kept["history"])


async def of_release(release: str) -> dict[str, Lines]:
    """The fingerprints of all histories of a release, by name, as today's code replays them."""
    paths = sorted((HISTORIES / release).glob("*.json"))
    return {path.stem: await fingerprint(read(path)) for path in paths}


def kept_in(release: str) -> Path:
    """The file that keeps a release's fingerprints."""
    return HISTORIES / "fingerprints" / f"{release}.txt"


def written(prints: Mapping[str, Lines]) -> str:
    """Fingerprints as text: a heading for each history, a line for each command."""
    return "".join(f"# {name}\n" + "".join(f"{x}\n" for x in prints[name]) for name in prints)


def parsed(text: str) -> dict[str, Lines]:
    """The same back."""
    prints: dict[str, Lines] = {}
    for line in text.splitlines():
        if line.startswith("# "):
            prints[line[2:]] = []
        else:
            prints[next(reversed(prints))].append(line)
    return prints


def _line(command: Message) -> str:
    kind = command.WhichOneof("variant") or "nothing"  # type: ignore[arg-type]
    body = _plain(MessageToDict(getattr(command, kind)))
    if kind == "cancel_timer":
        body = {"timer": command.cancel_timer.seq}  # type: ignore[attr-defined]
    metadata = _plain(MessageToDict(command.user_metadata))  # type: ignore[attr-defined]
    said = json.dumps([body, metadata], ensure_ascii=False, sort_keys=True)
    digest = blake2b(said.encode(), digest_size=6).hexdigest()
    return " ".join([kind, *_told(body, metadata), digest])


def _told(body: Any, metadata: Any) -> Iterator[str]:
    for name in TOLD:
        if isinstance(body, dict) and name in body:
            yield str(body[name])
    if isinstance(metadata, dict) and "summary" in metadata:
        yield str(metadata["summary"])[:60].replace("\n", " ")


def _plain(value: Any) -> Any:
    """Payloads decoded, noise and emptiness left out: a new field that is unset changes nothing."""
    if isinstance(value, Mapping):
        if set(value) >= {"metadata", "data"} and "encoding" in value["metadata"]:
            return _plain(_decoded(value))
        kept = {key: _plain(one) for key, one in value.items() if key not in NOISE}
        return {key: one for key, one in kept.items() if one not in (None, {}, [], "")}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return value


def _decoded(value: Mapping[str, Any]) -> Any:
    payload = ParseDict(value, Payload())
    return pydantic_data_converter.payload_converter.from_payload(payload)


if __name__ == "__main__":
    [_, wanted] = sys.argv
    kept_in(wanted).parent.mkdir(exist_ok=True)
    kept_in(wanted).write_text(written(asyncio.run(of_release(wanted))), encoding="utf-8")
