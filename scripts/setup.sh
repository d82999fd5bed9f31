#!/bin/sh
# Makes this checkout ready: tmux, git, Python, and a virtual environment in .venv.
#
#   scripts/setup.sh run     what the program needs
#   scripts/setup.sh test    that and the development tools
#
# Does nothing, quickly, when nothing has changed. PYTHON= names an interpreter to use.
# Exit status 3: a package is missing and installing it is up to the user; stderr has the command.
set -eu
cd "$(dirname "$0")/.."
purpose=${1:-run}

say() { printf 'setup: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# Of Debian, Fedora, macOS and Arch: the manager that is here.
manager() {
    for name in apt-get dnf pacman brew; do
        if has "$name"; then
            echo "$name"
            return
        fi
    done
}

install_command() {
    case $(manager) in
    brew) echo "brew install $*" ;;
    apt-get) echo "apt-get install -y --no-install-recommends $*" ;;
    dnf) echo "dnf install -y $*" ;;
    pacman) echo "pacman -S --needed --noconfirm $*" ;;
    esac
}

# Installs packages, asking nothing; prints the command and stops where that is not ours to do.
install() {
    command=$(install_command "$@")
    if [ -z "$command" ]; then
        say "please install: $*"
        exit 3
    fi
    as_root=
    if [ "$(manager)" = brew ]; then
        # Homebrew installs into the user's own folder and refuses root.
        [ "$(id -u)" -ne 0 ] || stop_for "$command"
    elif [ "$(id -u)" -ne 0 ]; then
        [ "${CI:-}" = true ] && has sudo && sudo -n true 2>/dev/null || stop_for_root "$command"
        as_root="sudo -n"
    fi
    say "$command"
    [ "$(manager)" != apt-get ] || $as_root apt-get update -qq </dev/null >&2 || failed "apt-get update"
    $as_root env DEBIAN_FRONTEND=noninteractive HOMEBREW_NO_AUTO_UPDATE=1 $command </dev/null >&2 ||
        failed "$command"
}

failed() {
    say "this did not work, its own words are above:"
    say "    $1"
    say "is there a network, or a mirror in the configuration? Then try again."
    exit 1
}

stop_for() {
    say "something is missing; run this, then try again:"
    for command in "$@"; do
        say "    $command"
    done
    exit 3
}

stop_for_root() {
    update=
    [ "$(manager)" != apt-get ] || update="apt-get update"
    if has sudo; then
        stop_for ${update:+"sudo $update"} "sudo $1"
    fi
    stop_for "su -c '${update:+$update && }$1'"
}

# On macOS /usr/bin holds stubs that open a dialog until the developer tools are installed.
is_stub() { [ "$(uname)" = Darwin ] && [ "$(command -v "$1")" = "/usr/bin/$1" ] && ! xcode-select -p >/dev/null 2>&1; }

is_usable() {
    has "$1" && ! is_stub "$1" && "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null
}

# The first Python that is new enough; nothing when there is none.
find_python() {
    for name in ${PYTHON:-} python3 python3.14 python3.13 python3.12 python3.11; do
        if is_usable "$name"; then
            echo "$name"
            return
        fi
    done
}

python_packages() {
    case $(manager) in
    brew) echo python@3.13 ;;
    pacman) echo python ;;
    apt-get) if has python3; then echo python3.11 python3.11-venv; else echo python3 python3-venv; fi ;;
    *) if has python3; then echo python3.11; else echo python3; fi ;;
    esac
}

# Python, tmux and git, whichever is missing.
provide_programs() {
    missing=
    has tmux || missing="$missing tmux"
    { has git && ! is_stub git; } || missing="$missing git"
    [ -n "$(find_python)" ] || missing="$missing $(python_packages)"
    [ -z "$missing" ] || install $missing
    python=$(find_python)
    if [ -z "$python" ]; then
        say "Python 3.11 or newer is needed; install one, or name it: make run PYTHON=/path/to/python3"
        exit 3
    fi
    # Debian ships Python without the part that makes virtual environments.
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        install "python$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')-venv"
    fi
}

# For the tests that look at the dashboard in a browser; they are skipped where there is none.
provide_browser() {
    for name in chromium-headless-shell chromium chromium-browser google-chrome google-chrome-stable; do
        has "$name" && return
    done
    case $(manager) in
    apt-get) (install chromium-headless-shell) && return ;;
    dnf) (install chromium-headless) && return ;;
    pacman) (install chromium) && return ;;
    esac
    say "no Chromium is here: the tests in a browser will be skipped"
}

# For the tests of the training tasks; not built for every Python and every machine.
provide_torch() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --group torch ||
        say "torch could not be installed: the tests that train with it will be skipped"
}

# For the tests of the optional extras: heavy, and therefore beside .venv.
provide_extras() {
    { [ -x .extras/bin/python ] || .venv/bin/python -m venv --without-pip .extras; } &&
        .venv/bin/python -m pip --python .extras/bin/python install --quiet \
            --disable-pip-version-check --group extras ||
        say "the extras could not be installed: the tests that need one will be skipped"
}

# What .venv was made from: another checksum or another place means work to do.
fingerprint() { cat pyproject.toml scripts/setup.sh | cksum; pwd; }

is_ready() {
    [ "$(cat ".venv/ready-$purpose" 2>/dev/null)" = "$(fingerprint)" ] &&
        has tmux && has git && .venv/bin/python -c '' 2>/dev/null
}

pip_install() {
    .venv/bin/python -m pip install --quiet --disable-pip-version-check "$@" || failed "pip install $*"
}

fill_venv() {
    .venv/bin/python -c '' 2>/dev/null || "$python" -m venv --clear .venv
    rm -f .venv/ready-*
    say "installing Python packages into .venv"
    # Dependency groups came with pip 25.1.
    pip_install 'pip>=25.1'
    if [ "$purpose" = test ]; then
        pip_install --editable . --group dev
        provide_torch
        provide_extras
        fingerprint >.venv/ready-test
    else
        pip_install --editable .
    fi
    fingerprint >.venv/ready-run
}

case $purpose in
run | test) ;;
*)
    say "usage: scripts/setup.sh run|test"
    exit 2
    ;;
esac
if ! is_ready; then
    provide_programs
    [ "$purpose" = run ] || provide_browser
    fill_venv
fi
