from tests.console.accounts.conftest import (  # noqa: F401
    _light_hashes,
    either,
    migrated_postgres,
    migrated_sqlite,
    office,
    postgres,
)
