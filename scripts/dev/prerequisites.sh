# shellcheck shell=bash
# Sourced by ./dev: is everything here that the project needs, and if not, get it.
#
# Rust and Node are the developer's own choice of installer, so they are only checked. The engines
# and a C compiler come from the system's packages, and only those that no *_URL variable replaces.

readonly EXIT_UNAVAILABLE=69
readonly MIN_RUST="1.94" MIN_NODE="20.19" MIN_POSTGRES="15" MIN_REDIS="7" MIN_RABBITMQ="3.10"

say() { printf '%s\n' "$*" >&2; }
step() { printf '==> %s\n' "$*" >&2; }
die() {
  printf 'dev: %s\n' "$1" >&2
  exit "${2:-$EXIT_UNAVAILABLE}"
}

# at_least VERSION MINIMUM
at_least() { [ "$(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1)" = "$2" ]; }

first_version() { grep -oE '[0-9]+(\.[0-9]+)+' | head -n 1 || true; }

require_rust() {
  local version
  command -v cargo >/dev/null 2>&1 ||
    die "needs Rust >= $MIN_RUST with cargo on PATH: install it from https://rustup.rs"
  version=$(cargo --version | first_version)
  at_least "$version" "$MIN_RUST" ||
    die "needs Rust >= $MIN_RUST, found $version: run 'rustup update stable'"
}

require_node() {
  local version
  if ! { command -v node && command -v npm; } >/dev/null 2>&1; then
    die "needs Node >= $MIN_NODE with npm on PATH: install it from https://nodejs.org"
  fi
  version=$(node --version | tr -d v)
  at_least "$version" "$MIN_NODE" || die "needs Node >= $MIN_NODE, found $version"
}

# Each have_* mirrors where devstack looks for the same program (crates/devstack/src/binaries.rs).
have_postgres() {
  local bin version
  for bin in /usr/lib/postgresql/*/bin/postgres /usr/pgsql-*/bin/postgres "$(command -v postgres || true)"; do
    if ! [ -x "$bin" ] || ! [ -x "$(dirname "$bin")/initdb" ]; then continue; fi
    version=$("$bin" --version 2>/dev/null | grep -oE '[0-9]+' | head -n 1)
    [ "${version:-0}" -ge "$MIN_POSTGRES" ] && return 0
  done
  return 1
}

have_redis() {
  command -v redis-server >/dev/null 2>&1 &&
    at_least "$(redis-server --version | first_version)" "$MIN_REDIS"
}

have_rabbitmq() {
  local home
  command -v erl >/dev/null 2>&1 || return 1
  for home in /usr/lib/rabbitmq/lib/rabbitmq_server-* /opt/rabbitmq /usr/local/lib/rabbitmq_server-*; do
    [ -x "$home/sbin/rabbitmq-server" ] || continue
    case "$home" in
      *rabbitmq_server-*) at_least "${home##*rabbitmq_server-}" "$MIN_RABBITMQ" && return 0 ;;
      *) return 0 ;;
    esac
  done
  return 1
}

have_compiler() { command -v cc >/dev/null 2>&1; }

# missing_packages compiler|engines...: the packages that are still missing, one a line.
missing_packages() {
  case " $* " in *" compiler "*) have_compiler || printf '%s\n' gcc libc6-dev ;; esac
  case " $* " in *" engines "*) ;; *) return 0 ;; esac
  [ -n "${DATABASE_URL:-}" ] || have_postgres || printf '%s\n' postgresql
  [ -n "${REDIS_URL:-}" ] || have_redis || printf '%s\n' redis-server
  [ -n "${AMQP_URL:-}" ] || have_rabbitmq || printf '%s\n' rabbitmq-server
}

# require_packages compiler|engines...: installs what is missing, or ends with the exact command to
# type.
require_packages() {
  local missing
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -n "${missing// /}" ] || return 0
  if ! command -v apt-get >/dev/null 2>&1; then
    die "missing: ${missing}(Debian's names). Install a C compiler, PostgreSQL >= $MIN_POSTGRES, Redis >= $MIN_REDIS and RabbitMQ >= $MIN_RABBITMQ, or set DATABASE_URL, REDIS_URL and AMQP_URL to running ones."
  fi
  local -a as_root=()
  if [ "$(id -u)" != 0 ]; then
    # Asking for a password is fine for a person at a terminal and a hang for everything else.
    if sudo -n true 2>/dev/null; then
      as_root=(sudo -n)
    elif [ -t 0 ] && command -v sudo >/dev/null 2>&1; then
      as_root=(sudo)
    else
      die "missing: ${missing}and neither root nor sudo to install them. Run: sudo apt-get install --no-install-recommends ${missing% }"
    fi
  fi
  step "installing ${missing% }"
  # shellcheck disable=SC2086 # one word a package
  ${as_root[@]+"${as_root[@]}"} bash "$ROOT/scripts/dev/apt-install.sh" $missing ||
    die "apt-get could not install ${missing% }: see above"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -z "${missing// /}" ] ||
    die "still missing or too old after the installation: ${missing}(PostgreSQL >= $MIN_POSTGRES, Redis >= $MIN_REDIS, RabbitMQ >= $MIN_RABBITMQ). Install newer ones, or set DATABASE_URL, REDIS_URL and AMQP_URL to running ones."
}
