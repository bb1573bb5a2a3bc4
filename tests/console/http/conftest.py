"""``stack`` and ``people``: one real stack for all modules of this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from argon2 import PasswordHasher

from neiic.console.accounts import passwords
from neiic.migrations import migrate
from tests.console.http.people import FOREIGN, OWN, People, prepare
from tests.console.http.serving import Loop, Site, Stack


@pytest.fixture(scope="package")
def light_hashes() -> Iterator[None]:
    """Hashes of the same kind that cost less: many people sign in here."""
    light = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", light)
        patch.setattr(passwords, "_NOBODY", light.hash("nobody"))
        yield


@pytest.fixture(scope="package")
def stack(tmp_path_factory: pytest.TempPathFactory, light_hashes: None) -> Iterator[Stack]:
    loop = Loop()
    try:
        made = Stack(tmp_path_factory.mktemp("stack"), loop)
        migrate(made.settings.database)
        with made.running():
            yield made
    finally:
        loop.close()


@pytest.fixture(scope="package")
def site(stack: Stack) -> Iterator[Site]:
    """The console that most tests ask."""
    with stack.console() as made:
        yield made


@pytest.fixture(scope="package")
def people(site: Site) -> People:
    """Everybody, and two centers in preparation: their own and another's."""
    made = People(site)
    made.add_everybody()
    prepare(made, OWN)
    prepare(made, FOREIGN, far="far-")
    return made
