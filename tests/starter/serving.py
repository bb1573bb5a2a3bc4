"""A program that runs an embedded server and waits to be killed: FOLDER PORT."""

import asyncio
import sys
from pathlib import Path

from neiic.starter.server import EmbeddedServer


async def main(folder: str, port: str) -> None:
    async with EmbeddedServer(Path(folder), port=int(port)) as server:
        sys.stdout.write(f"{server.pid}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
