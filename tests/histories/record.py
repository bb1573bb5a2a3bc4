"""Records this release's histories: ``python -m tests.histories.record`` (``make record``).

Each run of a life is one file, ``NN-what-runK.json``, in a folder named after the release. A
release's set is made once and never edited: it shows whether later code still lives the lives
that earlier code began.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

from temporalio.client import WorkflowHistory

from neiic import __version__
from neiic.migrations.migrating import migrate
from neiic.models.messages import Commit, Committed
from neiic.starter.ports import free_port
from neiic.starter.repair import rebuild
from neiic.starter.scenarios import read_scenario
from neiic.starter.server import EmbeddedServer
from neiic.workflows import record_keeping
from tests.histories.fingerprint import kept_in, of_release, written
from tests.histories.sealing import seals, set_seal
from tests.records.lives import approved
from tests.rule_sets import OTHER
from tests.workflows.house import (
    Center,
    House,
    application,
    approval,
    assessment,
    confirmation,
    message,
    new_code,
    note,
    passing,
)
from tests.workflows.played import play, runs_of, with_released_rules
from tests.workflows.troubled import Troubled

HISTORIES = Path(__file__).parent
SCENARIOS = HISTORIES.parent / "scenarios"

#: Decades, on the time-skipping server, in every stage, mid-life and ended. Only scenarios
#: under the released rule set: no other process knows the rules that a scenario makes up.
PLAYED = (
    "02-lapses-at-the-end",
    "03-rolls-over-the-weekend",
    "06-annual-reports",
    "07-evaluated-excellent",
    "08-two-strikes",
    "09-not-taking-part",
    "10-plan-adjusted",
    "11-rectified-or-revoked",
    "12-who-may-act",
    "22-rejected",
    "23-withdrawn-and-ids",
    "34-supplement-again-and-again",
)

#: A life on the real server; answers its center.
Live = Callable[[House, Troubled], Awaitable[Center]]


async def in_application(house: House, records: Troubled) -> Center:
    """Not decided yet: assessed, a revision pending, some messages refused."""
    del records
    center = await house.center()
    await center.update("formation.assess", assessment("opinion"))
    await center.signal("formation.request_revision", message("ndrc", {"comments": "请补充"}))
    await center.recorded(lambda events: len(events) == 3)
    await center.signal("formation.decide", approval())
    await center.signal("formation.assess", {"not": "an act"})
    await center.signal("no.such.action", [1, 2, 3])
    await center.refusals_recorded(3)
    await center.handle.signal("wake")
    # Used up, the id is answered from the records.
    await center.update("formation.assess", assessment("opinion"))
    return center


async def all_at_once(house: House, records: Troubled) -> Center:
    """Updates and signals together, across a change of stage."""
    del records
    center = await house.applied()
    updates = [note(f"第{n}条", f"update-{n}") for n in range(20)]
    signals = [note(f"信号{n}", f"signal-{n}") for n in range(10)]
    # Some ids come through both doors.
    signals += updates[:5]
    await asyncio.gather(
        *(center.update("supervision.note", one) for one in updates[:10]),
        center.update("confirmation.review", confirmation()),
        *(center.update("supervision.note", one) for one in updates[10:]),
        *(center.signal("supervision.note", one) for one in signals),
    )
    await center.recorded(lambda events: len(events) == 6 + 30)
    return center


async def records_away(house: House, records: Troubled) -> Center:
    """Commits that fail, or lose their answer: once, which is tried again, and more often."""
    center = await house.approved()
    for failures in (1, 3):
        records.fails(failures)
        await center.update("supervision.note", note(f"{failures}次不通"))
        records.loses_its_answer(failures)
        await center.signal("supervision.note", note(f"{failures}次无回音", f"silent-{failures}"))
        await center.recorded(
            lambda events, wanted=f"silent-{failures}": events[-1].decision_id == wanted  # type: ignore[misc]
        )
    records.fault = None
    await center.update("supervision.note", note("恢复"))
    return center


async def stored_before(house: House, records: Troubled) -> Center:
    """An act that the records hold while the workflow knows of none: it is taken up."""
    center = await house.approved()

    def earlier(commit: Commit, write: Callable[[Commit], Committed]) -> Committed:
        # As if a worker had written the act a second ago and died before it could tell.
        [event] = commit.events
        records.fault = None
        write(commit.but(events=(event.but(recorded=event.recorded - timedelta(seconds=1)),)))
        return write(commit)

    records.fault = earlier
    await center.update("supervision.note", note("巡查"))
    await center.update("confirmation.apply", application())
    await center.update("confirmation.evaluate", passing())
    return center


async def moved(house: House, records: Troubled) -> Center:
    """Under another rule set since its preparation, with a report counted by it."""
    del records
    center = await house.approved()
    data = {"rule_set": OTHER.name, "document_no": "发改高技〔2026〕20号", "reason": "办法修订"}
    await center.update("ruleset.move", message("ndrc", data))
    await center.update("supervision.note", note("转用之后"))
    return center


async def restored(house: House, records: Troubled) -> Center:
    """Begun by another workflow, which was lost, and on from the records into a new stage."""
    center = await house.applied()
    await center.handle.terminate("lost")
    await rebuild(house.client, records, center.code, house.queue)
    await center.update("supervision.note", note("恢复之后"))
    await center.update("confirmation.review", confirmation())
    await center.update("supervision.note", note("确认之后"))
    return center


async def lost_over_its_end(house: House, records: Troubled) -> Center:
    """Lost while it prepared, and restored when its end had long gone by: it lapses at once."""
    del records
    code = new_code()
    for commit in approved(code, "lost", year=2022).commits:
        house.records.commit(commit)
    await rebuild(house.client, house.records, code, house.queue)
    begun = await house.client.get_workflow_handle(f"center/{code}").describe()
    first_run = begun.raw_description.workflow_execution_info.first_run_id
    center = Center(house, code, first_run)
    await center.recorded(lambda events: events[-1].kind == "preparation.lapsed")
    await center.has_runs(2, resting=False)
    return center


LIVED: dict[str, Live] = {
    "in-application": in_application,
    "all-at-once": all_at_once,
    "records-away": records_away,
    "stored-before": stored_before,
    "moved": moved,
    "restored": restored,
    "lost-over-its-end": lost_over_its_end,
}


async def record(folder: Path) -> None:
    """Write all histories of this release into a folder that does not exist yet."""
    if folder.exists():
        raise SystemExit(f"{folder} is recorded already; a release's set is never made anew")
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        made = Path(scratch) / "histories"
        made.mkdir()
        for number, name in enumerate(PLAYED, start=1):
            scenario = with_released_rules(read_scenario(SCENARIOS / f"{name}.yaml"))
            keep(made, number, name.partition("-")[2], (await play(scenario)).runs)
        async with _real_server(Path(scratch)) as (house, records):
            for number, (name, live) in enumerate(LIVED.items(), start=len(PLAYED) + 1):
                center = await live(house, records)
                await center.check_whole()
                keep(made, number, name, await runs_of(house.client, center.handle.id))
        shutil.copytree(made, folder)


def keep(folder: Path, number: int, name: str, runs: Sequence[WorkflowHistory]) -> None:
    """One file for each run."""
    for count, run in enumerate(runs, start=1):
        kept = {"workflow_id": run.workflow_id, "history": run.to_json_dict()}
        text = json.dumps(kept, ensure_ascii=False, separators=(",", ":"))
        # A failed activity's stack names files: of the project, not of the machine.
        text = text.replace(str(Path(__file__).parents[2]), ".")
        path = folder / f"{number:02}-{name}-run{count}.json"
        path.write_text(text + "\n", encoding="utf-8")


@asynccontextmanager
async def _real_server(folder: Path) -> AsyncIterator[tuple[House, Troubled]]:
    url = f"sqlite:///{folder / 'records.db'}"
    migrate(url)
    async with EmbeddedServer(folder / "server", port=free_port(), in_memory=True) as server:
        house = await House(server.address, url).open()
        records = Troubled(url)
        patience, record_keeping.PATIENTLY = record_keeping.PATIENTLY, timedelta(seconds=2)
        try:
            async with house.worker(records):
                yield house, records
        finally:
            record_keeping.PATIENTLY = patience
            records.engine.dispose()
            house.close()


def main() -> None:
    folder = HISTORIES / __version__
    if __version__ in seals():
        raise SystemExit(f"{__version__} is sealed already; a release's set is never made anew")
    # The trouble is meant.
    logging.getLogger("temporalio").setLevel(logging.CRITICAL)
    asyncio.run(record(folder))
    kept_in(__version__).write_text(written(asyncio.run(of_release(__version__))), encoding="utf-8")
    set_seal(__version__)
    kept = list(folder.glob("*.json"))
    size = sum(path.stat().st_size for path in kept)
    sys.stdout.write(f"{folder}: {len(kept)} histories, {size / 1e6:.2f} MB\n")


if __name__ == "__main__":
    main()
