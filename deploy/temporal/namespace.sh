#!/bin/sh
# Makes the namespace once the server is healthy (temporal-namespace). A failed try ends the
# job; its restart policy tries again. How long closed runs are kept is set by `neiic setup`.
set -eu

temporal operator cluster health
temporal operator namespace describe --namespace default >/dev/null 2>&1 ||
    temporal operator namespace create --namespace default --retention 72h
