"""The database's schema, version by version, for SQLite and PostgreSQL."""

from neiic.migrations.migrating import head, migrate, needs_migration, revision, scripts

# Imported so that the one metadata knows every table that a migration makes.
from neiic.models import accounts as _accounts
from neiic.models import desk as _desk

__all__ = ["head", "migrate", "needs_migration", "revision", "scripts"]
del _accounts, _desk
