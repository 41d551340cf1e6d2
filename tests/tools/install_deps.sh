#!/bin/sh
# Install the Debian packages named in $DEBS that are not there yet (needs root).
# Idempotent: with nothing missing it asks no network and changes nothing.
set -eu
missing=
for p in $DEBS; do
	dpkg-query -W -f '${db:Status-Abbrev}' "$p" 2>/dev/null | grep -q '^ii' || missing="$missing $p"
done
if [ -z "$missing" ]; then
	echo "deps: all installed"
	exit 0
fi
if [ "$(id -u)" != 0 ]; then
	echo "deps: missing:$missing; type: sudo make deps" >&2
	exit 1
fi
# Servers are started by the harness, privately: the packages must not start their own.
policy=/usr/sbin/policy-rc.d
if [ ! -e $policy ]; then
	printf '#!/bin/sh\nexit 101\n' > $policy
	chmod 755 $policy
	trap 'rm -f $policy' EXIT INT TERM
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update -q
# shellcheck disable=SC2086 # a list of words
apt-get install -y -q --no-install-recommends $missing
echo "deps: installed$missing"
