# Sourced by the commands in bin/: finds or makes .venv with what requirements/ pins.
# shellcheck shell=bash

readonly called_from=$PWD
cd "$(dirname "${BASH_SOURCE[0]}")/.." || exit 1
readonly root=$PWD
readonly venv=$root/.venv

# runuser and its like, for whoever has only the folders of an ordinary user on the path.
PATH=$PATH:/usr/sbin:/sbin

say() { printf '%s\n' "$*" >&2; }

# want NAME: the packages of requirements/NAME.txt are installed.  The list itself, copied into
# .venv after a complete installation, shows whether it is current: a look costs two milliseconds.
want() {
  cmp -s "requirements/$1.txt" "$venv/installed-$1.txt" && return
  mkdir -p .cache
  exec 9>.cache/venv.lock
  flock 9
  if ! cmp -s "requirements/$1.txt" "$venv/installed-$1.txt"; then
    make_venv
    say "Installing the packages of requirements/$1.txt; this happens once and takes a minute or less."
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --no-input \
        --require-hashes -r "requirements/$1.txt" >.cache/pip.log 2>&1 || {
      tail -n 20 .cache/pip.log >&2
      say "The packages could not be installed; the lines above are pip's own."
      exit 1
    }
    # dev.txt pins all that run.txt does, and more.
    [ "$1" = dev ] && cp requirements/run.txt "$venv/installed-run.txt"
    cp "requirements/$1.txt" "$venv/installed-$1.txt"
  fi
  exec 9>&-
}

# deskbell COMMAND …: becomes that command, in the folder that the caller stood in.
deskbell() {
  local python=$venv/bin/python
  if asks_for_help "$@"; then
    # The table of commands needs no package: nobody installs anything to read it.
    [ -x "$python" ] || { python=${PYTHON:-python3}; look_at_python "$python"; }
  else
    want run
  fi
  cd "$called_from"
  PYTHONPATH=$root exec "$python" -P -m deskbell.cli "$@"
}

asks_for_help() {
  local word
  for word in "$@"; do
    case $word in -h | --help) return 0 ;; esac
  done
  return 1
}

look_at_python() {
  "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && return
  say "Deskbell needs Python 3.11 or newer. On Debian and Ubuntu: apt install python3 python3-venv"
  exit 1
}

make_venv() {
  "$venv/bin/python" -c 'import pip' 2>/dev/null && return
  local python=${PYTHON:-python3}
  look_at_python "$python"
  if ! "$python" -c 'import venv, ensurepip' 2>/dev/null; then
    lacks_venv
  fi
  "$python" -m venv --clear "$venv"
}

lacks_venv() {
  say "Deskbell needs Python's venv module. On Debian and Ubuntu: apt install python3-venv"
  exit 1
}

postgres_bin() {
  local found
  for found in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(pg_config --bindir 2>/dev/null)"; do
    [ -x "$found/initdb" ] && { printf '%s\n' "$found"; return; }
  done
  return 1
}

# need PACKAGE WHAT-FOR [ANSWER]: installs a package of Debian's, or returns 1 and says what is left out.
# ANSWER is what it would be told if it asked, as debconf-set-selections(1) has it.
need() {
  local as_root=()
  [ "$(id -u)" = 0 ] || as_root=(sudo -n)
  if command -v apt-get >/dev/null && "${as_root[@]}" true 2>/dev/null; then
    say "Installing $1 for $2."
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive sh -c "
      [ -z '${3:-}' ] || echo '${3:-}' | debconf-set-selections
      apt-get install -y --no-install-recommends $1 ||
      { apt-get update && apt-get install -y --no-install-recommends $1; }" >.cache/apt.log 2>&1 && return
    tail -n 5 .cache/apt.log >&2
  fi
  say "$1 is missing, so this run leaves out $2. On Debian and Ubuntu: apt install $1"
  return 1
}
