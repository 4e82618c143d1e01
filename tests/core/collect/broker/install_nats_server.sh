#!/bin/sh
# A NATS server for the broker's tests: one that is there, else Debian's package (root with apt), else they are skipped.
PATH="$PATH:/usr/sbin:/usr/local/bin"
command -v nats-server >/dev/null 2>&1 && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Debian's nats-server for the broker's tests ..."
    apt-get update -qq >/dev/null 2>&1
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends nats-server >/dev/null 2>&1 && exit 0
fi
echo "No nats-server here: the broker's tests will be skipped (install one, for example: apt-get install nats-server)."
