#!/usr/bin/env bash
# Three instances behind HAProxy, and a broker for their topics, on this machine.
#
#     cluster.sh                 all of them, until Ctrl-C
#     cluster.sh instance N      instance N (1, 2 or 3); SIGTERM drains it
#     cluster.sh balancer        HAProxy
#     cluster.sh broker          nats-server
#
# Clients connect to 127.0.0.1:9000. Restart one instance after the other: none of them loses a request.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"
PATH=$PATH:/usr/sbin # where Debian has HAProxy and nats-server

export CLUSTER_PORT=${CLUSTER_PORT:-9000}
export CLUSTER_INSTANCE_1=${CLUSTER_INSTANCE_1:-9001} CLUSTER_ADMIN_1=${CLUSTER_ADMIN_1:-9901}
export CLUSTER_INSTANCE_2=${CLUSTER_INSTANCE_2:-9002} CLUSTER_ADMIN_2=${CLUSTER_ADMIN_2:-9902}
export CLUSTER_INSTANCE_3=${CLUSTER_INSTANCE_3:-9003} CLUSTER_ADMIN_3=${CLUSTER_ADMIN_3:-9903}
export CLUSTER_NATS_PORT=${CLUSTER_NATS_PORT:-4222}
FAIRLEAD=${FAIRLEAD:-fairlead}
CLUSTER_SERVICE=${CLUSTER_SERVICE:-echo} # the words after `fairlead serve`
CLUSTER_NOTICE=${CLUSTER_NOTICE:-1s}     # longer than HAProxy needs to see /readyz, 100 ms

instance() {
    local port=CLUSTER_INSTANCE_$1 admin=CLUSTER_ADMIN_$1
    # shellcheck disable=SC2086 # the service is words
    exec "$FAIRLEAD" serve $CLUSTER_SERVICE --listen "tcp://127.0.0.1:${!port}" --proxy-from 127.0.0.1 \
        --admin "tcp://127.0.0.1:${!admin}" --drain-notice "$CLUSTER_NOTICE" --drain-timeout 10s
}

case ${1:-all} in
instance) instance "$2" ;;
balancer) exec haproxy -db -f haproxy.cfg ;;
broker) exec nats-server -c nats.conf ;;
all)
    trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
    for part in broker balancer "instance 1" "instance 2" "instance 3"; do
        # shellcheck disable=SC2086 # a part is words
        ./cluster.sh $part &
    done
    wait
    ;;
*)
    sed -n '2,/^set/s/^# \{0,1\}//p' cluster.sh >&2
    exit 2
    ;;
esac
