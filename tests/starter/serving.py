"""A program that runs an embedded server and waits to be killed: FOLDER PORT [ORPHAN].

With the third word the server outlives the program, as it does elsewhere than on Linux.
"""

import asyncio
import sys
from pathlib import Path

from neiic.starter import server as server_module
from neiic.starter.server import EmbeddedServer


async def main(folder: str, port: str, *orphan: str) -> None:
    if orphan:
        setattr(server_module, "dies_with_its_parent", dict)  # noqa: B010 - not exported there
    async with EmbeddedServer(Path(folder), port=int(port)) as server:
        sys.stdout.write(f"{server.pid}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
