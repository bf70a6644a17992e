# Installs what building needs and is missing, and says so. Sourced by the other scripts.
# Usage: . scripts/setup.sh [apt package]...

say() { printf '\033[1m==> %s\033[0m\n' "$*"; }

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

install_packages() {
  missing=""
  for package in "$@"; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
  done
  [ -z "$missing" ] && return 0
  command -v apt-get >/dev/null || {
    echo "These packages are missing, and apt-get is not here to install them:$missing" >&2
    exit 1
  }
  say "Installing$missing"
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
}

# Makes a Python environment in folder $1 with the packages of file $2, once.
python_environment() {
  stamp="$1/.requirements"
  cmp -s "$2" "$stamp" 2>/dev/null && return 0
  say "Installing the Python packages of $2 into $1"
  python3 -c 'import venv, ensurepip' 2>/dev/null || install_packages python3 python3-venv
  python3 -m venv "$1"
  "$1/bin/pip" install --quiet --disable-pip-version-check --requirement "$2"
  cp "$2" "$stamp"
}

command -v swift >/dev/null || {
  echo "Swift 6.2 or newer is needed: see https://www.swift.org/install/" >&2
  exit 1
}
install_packages libexpat1-dev libpq-dev libsqlite3-dev tzdata zlib1g-dev "$@"

# The manifest must name every module that a target imports.
SWIFT_BUILD_FLAGS="--explicit-target-dependency-import-check error"
