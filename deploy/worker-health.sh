#!/bin/sh
# Healthy: the server lists this very container among those that ask for centers' tasks.
# It drops a worker from that list five minutes after its last request, so a worker that hangs
# turns unhealthy then; one that died has stopped its container already.
set -eu
temporal task-queue describe --output json \
    --address "${NEIIC_TEMPORAL_ADDRESS:-127.0.0.1:7233}" \
    --namespace "${NEIIC_TEMPORAL_NAMESPACE:-default}" \
    --task-queue "${NEIIC_TASK_QUEUE:-centers}" |
    grep --quiet "\"identity\": \"[^\"]*@$(uname -n)\""
