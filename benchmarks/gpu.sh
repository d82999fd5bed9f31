#!/bin/sh
# What only a machine with NVIDIA GPUs can show: see benchmarks/gpu.py. Runs from a bare checkout.
#
#   benchmarks/gpu.sh [--simulated] [--seconds N]
#
# Needs Python 3.11 with torch, msgspec and nvidia-ml-py, and nvidia-smi; neither tmux, git nor a
# network. Wheels in a folder .whl of the checkout are used for what is missing. PYTHON= names an
# interpreter. Exit status 3: something is missing, and standard error says what and how to bring
# it; 1: a bar failed.
set -eu
cd "$(dirname "$0")/.."
python=${PYTHON:-python3}

say() { printf 'gpu.sh: %s\n' "$*" >&2; }
has_module() { "$python" -c "import importlib.util as u; raise SystemExit(u.find_spec('$1') is None)"; }

if ! command -v "$python" >/dev/null 2>&1; then
    say "no $python here; install Python 3.11 or newer, or name one with PYTHON="
    exit 3
fi
if ! "$python" -c 'import sys; raise SystemExit(sys.version_info < (3, 11))'; then
    say "$("$python" --version) is too old; Python 3.11 or newer is needed"
    exit 3
fi
if ls .whl/*.whl >/dev/null 2>&1; then
    site=$(mktemp -d)
    trap 'rm -rf "$site"' EXIT
    "$python" -m pip install -q --no-index --no-deps --no-compile --no-cache-dir --target "$site" \
        .whl/*.whl >&2
    PYTHONPATH=$site${PYTHONPATH:+:$PYTHONPATH}
    export PYTHONPATH
fi

missing=
has_module msgspec || missing="$missing msgspec"
has_module pynvml || missing="$missing nvidia-ml-py"
if [ -n "$missing" ]; then
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    say "missing for $python:$missing"
    say "with a network here:  $python -m pip install$missing"
    say "without, fetch wheels elsewhere and bring the folder .whl along with the checkout:"
    say "  pip download --no-deps --only-binary=:all: --python-version $version \\"
    say "      --implementation cp --platform manylinux_2_28_x86_64 --platform \\"
    say "      manylinux2014_x86_64 -d .whl$missing"
fi
case " $* " in
*" --simulated "*) ;;
*)
    if ! has_module torch; then
        say "missing for $python: torch, built for CUDA"
        missing="$missing torch"
    fi
    if ! command -v nvidia-smi >/dev/null 2>&1 || ! nvidia-smi -L 2>/dev/null | grep -q '^GPU 0'; then
        say "nvidia-smi finds no GPU here; --simulated tries this script without one"
        missing="$missing GPU"
    fi
    ;;
esac
[ -z "$missing" ] || exit 3
command -v nvidia-smi >/dev/null 2>&1 && nvidia-smi -L
"$python" -m benchmarks.gpu "$@"
