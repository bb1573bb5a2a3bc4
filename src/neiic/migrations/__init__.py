"""The database's schema, version by version, for SQLite and PostgreSQL."""

from neiic.migrations.migrating import head, migrate, needs_migration, revision, scripts

__all__ = ["head", "migrate", "needs_migration", "revision", "scripts"]
