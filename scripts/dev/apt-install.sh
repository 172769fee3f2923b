#!/usr/bin/env bash
# Installs Debian packages as root without starting any service and without making a default
# Postgres cluster: ./dev runs its own private engines and only wants the programs.
set -euo pipefail

policy=/usr/sbin/policy-rc.d
cluster_conf=/etc/postgresql-common/createcluster.d/no-main-cluster.conf
made=()

# What is put in place for the installation is taken away again, however it ends.
cleanup() {
  local file
  for file in ${made[@]+"${made[@]}"}; do rm -f "$file"; done
}
trap cleanup EXIT
trap 'exit 130' INT TERM HUP

if [ ! -e "$policy" ]; then
  made+=("$policy")
  printf '#!/bin/sh\nexit 101\n' >"$policy"
  chmod 755 "$policy"
fi
if [ ! -e "$cluster_conf" ]; then
  made+=("$cluster_conf")
  mkdir -p "${cluster_conf%/*}"
  printf 'create_main_cluster = false\n' >"$cluster_conf"
fi

export DEBIAN_FRONTEND=noninteractive
options=(--yes --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120)

# The lists on the machine may be missing or name versions that the mirror no longer has: the first
# try uses what is there, the second what is current.
if ! apt-get install "${options[@]}" "$@" </dev/null; then
  echo "dev: refreshing the package lists and trying again" >&2
  apt-get update -o DPkg::Lock::Timeout=120 </dev/null
  apt-get install "${options[@]}" "$@" </dev/null
fi
