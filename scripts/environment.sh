# shellcheck shell=bash
# Makes the clone's own Python environment in .venv; the other scripts source this file.
#
# Needs Python 3.11 or later with pip, or uv. Sets ROOT and PYTHON, moves to the clone and leaves
# everything outside it alone. PYTHON3 names the interpreter to build with, where there are several.

set -euo pipefail

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"
PYTHON="$ROOT/.venv/bin/python"
LOG="$ROOT/.venv/install.log"
cd "$ROOT"

# Without compiled files beside the sources each start of a server or a test compiles for seconds.
unset PYTHONDONTWRITEBYTECODE

say() { printf '%s\n' "$*" >&2; }

new_enough() { # the interpreter runs (a shim may not) and is 3.11 or later
    "$1" -c 'import sys, venv; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_uv() {
    local place
    for place in "$(command -v uv || true)" "${HOME:-/}/.local/bin/uv" "${HOME:-/}/.cargo/bin/uv"; do
        if [ -x "$place" ]; then
            printf '%s' "$place"
            return 0
        fi
    done
    return 1
}

find_python() { # $1: "pip" where the interpreter must bring pip
    local name
    for name in ${PYTHON3:-python3 python3.13 python3.12 python3.11 python3.14 python}; do
        new_enough "$name" || continue
        if [ "${1:-}" = pip ] && ! "$name" -m pip --version >/dev/null 2>&1; then
            continue
        fi
        "$name" -c 'import sys; print(sys.executable)'
        return 0
    done
    return 1
}

stamp() { # what the environment is made from; a moved clone needs a new one, too
    { cat requirements.lock pyproject.toml && "$PYTHON" -V && printf '%s' "$ROOT"; } 2>/dev/null | cksum
}

no_python() {
    say "FedCoP needs Python 3.11 or later with pip (or uv), and found none on this machine."
    say "On Debian or Ubuntu: apt-get install python3 python3-pip. On Fedora: dnf install python3-pip."
    say "If it has another name, say which: PYTHON3=/path/to/python3.12 $0"
    exit 1
}

install_by_uv() { # $1: uv
    if ! new_enough "$PYTHON"; then
        # Without an interpreter of the machine, uv brings one.
        "$1" venv --clear --python "$(find_python || printf '>=3.11')" .venv
    fi
    "$1" pip sync --compile-bytecode --python "$PYTHON" --require-hashes requirements.lock
    "$1" pip install --python "$PYTHON" --no-deps --no-build-isolation -e .
}

install_by_pip() { # $1: an interpreter with pip
    # Debian without python3-venv has no ensurepip: the environment gets no pip of its own, and the
    # pip outside installs into it (which PEP 668 allows, as .venv is not the system's).
    new_enough "$PYTHON" || "$1" -m venv --clear --without-pip .venv
    "$1" -m pip --python "$PYTHON" install --require-hashes -r requirements.lock
    "$1" -m pip --python "$PYTHON" install --no-deps --no-build-isolation -e .
}

make_environment() {
    if new_enough "$PYTHON" && [ "$(cat .venv/stamp 2>/dev/null)" = "$(stamp)" ]; then
        return 0
    fi
    local uv='' python='' how began=$SECONDS log
    if uv="$(find_uv)"; then
        how="uv"
    elif python="$(find_python pip)"; then
        how="pip"
    else
        no_python
    fi
    say "Making the environment in .venv with $how (once; about a minute) …"
    log="$(mktemp)"
    export PIP_USER=0 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1
    # A function in a condition would lose `set -e`: each install runs in a shell of its own.
    set +e
    (
        set -e
        if [ "$how" = uv ]; then install_by_uv "$uv"; else install_by_pip "$python"; fi
    ) >"$log" 2>&1
    local status=$?
    set -e
    if [ $status -ne 0 ]; then
        cat "$log" >&2
        say "The environment could not be made (above is what $how said). Try again; if it stays so,"
        say "remove .venv and see whether this machine reaches its package index."
        rm -f "$log"
        exit 1
    fi
    mv "$log" "$LOG"
    stamp >.venv/stamp
    say "Environment made in $((SECONDS - began)) s."
}

debian_packages() { # installs what is missing of "$@", as root on Debian; otherwise does nothing
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null && command -v dpkg-query >/dev/null || return 0
    local name missing=() log
    for name in "$@"; do
        case "$(dpkg-query -W -f '${db:Status-Status}' "$name" 2>/dev/null || true)" in
            installed) ;;
            *) missing+=("$name") ;;
        esac
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    say "Installing ${missing[*]} …"
    log="$(mktemp)"
    local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300)
    if "${apt[@]}" update >"$log" 2>&1 &&
        "${apt[@]}" install --no-install-recommends "${missing[@]}" >>"$log" 2>&1 </dev/null; then
        rm -f "$log"
    else
        tail -n 5 "$log" >&2
        say "Could not install ${missing[*]} (all of apt's words: $log). What needs them is skipped or fails."
    fi
}

make_environment
