#!/bin/sh
# Brings Temporal's two databases to the schema of this image's version (temporal-schema).
# Again and again without harm: setup-schema leaves a database alone that has a version.
set -eu
: "${SQL_PASSWORD:?}"

bring_up_to_date() {
    tool="temporal-sql-tool --plugin postgres12_pgx --ep postgres -p 5432 -u temporal --db $1"
    $tool setup-schema -v 0.0
    $tool update-schema --schema-name "$2"
}

bring_up_to_date temporal postgresql/v12/temporal
bring_up_to_date temporal_visibility postgresql/v12/visibility
