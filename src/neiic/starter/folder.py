"""The data folder of an embedded stack: one stack at a time holds it."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from neiic.starter import StackError

LOCK_FILE = "lock"


class FolderInUseError(StackError):
    """Another process holds the folder; ``pid`` is None where it has not said its number yet."""

    def __init__(self, folder: Path, pid: int | None) -> None:
        holder = f"process {pid}" if pid is not None else "another process"
        super().__init__(
            f"data folder {folder} is in use by {holder}; stop that one first, "
            "or choose another folder with --data"
        )
        self.folder = folder
        self.pid = pid


@contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold the folder, made if it is missing, until the block ends or the process dies.

    Raises FolderInUseError at once where another process holds it, StackError where it cannot be
    made or written.
    """
    path = folder / LOCK_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise StackError(f"data folder {folder} cannot be used: {error.strerror}") from error
    try:
        try:
            # The kernel lets go of this lock when the process ends, however it ends; the file
            # stays, since removing it would let two processes lock two files of one name.
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise FolderInUseError(folder, _holder(descriptor)) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)


def _holder(descriptor: int) -> int | None:
    text = os.pread(descriptor, 32, 0).strip()
    return int(text) if text.isdigit() else None
