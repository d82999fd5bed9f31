#!/bin/sh
# Installs Ray, as pyproject.toml pins it, into a virtual environment of its own: .ray of this checkout.
# Does nothing, quickly, when it is there.
set -eu
cd "$(dirname "$0")/../.."
wanted=$(sed -n 's/^ray = \["ray\[default\]==\([0-9.]*\)"\]$/\1/p' pyproject.toml)
root=$PWD/.ray

say() { printf 'ray: %s\n' "$*" >&2; }

[ "$(cat "$root/ready" 2>/dev/null)" != "$wanted $root" ] || exit 0
say "installing ray $wanted into .ray"
if ! "${PYTHON:-python3}" -m venv --clear "$root" >&2 ||
    ! "$root/bin/pip" install --quiet --disable-pip-version-check "ray[default]==$wanted" \
        </dev/null >&2; then
    say "Ray could not be installed: its tests will be skipped"
    rm -rf "$root"
    exit 0
fi
echo "$wanted $root" >"$root/ready"
