#!/bin/sh
# Makes the roles and databases; the postgres image runs it once, on an empty volume.
# Each service owns its own databases and cannot open the others'.
set -eu
: "${TEMPORAL_DB_PASSWORD:?}" "${RECORDS_DB_PASSWORD:?}"

# \getenv, so that no password stands in a command line that others on the host can list.
psql --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres <<'SQL'
\getenv temporal_password TEMPORAL_DB_PASSWORD
\getenv records_password RECORDS_DB_PASSWORD
CREATE ROLE temporal LOGIN PASSWORD :'temporal_password';
CREATE ROLE neiic LOGIN PASSWORD :'records_password';
CREATE DATABASE temporal OWNER temporal;
CREATE DATABASE temporal_visibility OWNER temporal;
CREATE DATABASE neiic OWNER neiic;
REVOKE CONNECT ON DATABASE temporal, temporal_visibility, neiic FROM PUBLIC;
SQL
