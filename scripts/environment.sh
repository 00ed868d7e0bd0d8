# Sourced by scripts/demo and scripts/test: finds Python, makes a virtual environment, installs.
# Wants $root; `environment FOLDER WHAT…` leaves $bin. pip's own settings (index, proxy,
# certificates) are those of the user.

say() { printf '%s\n' "$*"; }

python_found() {
    for candidate in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11 python; do
        if "$candidate" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' \
            >/dev/null 2>&1; then
            say "$candidate"
            return
        fi
    done
    say "Python 3.11 or newer with venv and pip is needed." >&2
    say "  Try: installing it (Debian: apt install python3-venv), or PYTHON=/path/to/python $0" >&2
    return 1
}

environment() {
    folder=$1
    shift
    bin=$folder/bin
    # Made anew when what is to be installed changed; else there is nothing to do.
    wanted=$(cat "$root/pyproject.toml" "$root/scripts/environment.sh" | cksum)
    if [ -f "$folder/.installed" ] && [ "$(cat "$folder/.installed")" = "$wanted" ]; then
        return
    fi
    python=$(python_found)
    rm -rf "$folder"
    "$python" -m venv "$folder"
    # On a terminal pip shows what it fetches; a log has the errors only.
    if [ -t 1 ]; then quiet=; else quiet=--quiet; fi
    "$bin/python" -m pip install $quiet --disable-pip-version-check --upgrade "pip>=25.1"
    "$bin/python" -m pip install $quiet --disable-pip-version-check "$@"
    say "$wanted" >"$folder/.installed"
}
