#!/bin/sh
# Installs Slurm and munge from Debian's or Ubuntu's packages; their daemons are not started.
# Does nothing, quickly, when they are there. Where it is not possible, says why, and the tests
# that need them are skipped.
set -eu

say() { printf 'slurm: %s\n' "$*" >&2; }
has() { PATH=$PATH:/usr/sbin:/sbin command -v "$1" >/dev/null 2>&1; }

if has munged && has slurmctld && has slurmd && has sbatch; then
    exit 0
fi
if ! has apt-get; then
    say "not installed, and there is no apt-get here: its tests will be skipped"
    exit 0
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if ! { [ "${CI:-}" = true ] && has sudo && sudo -n true 2>/dev/null; }; then
        say "not installed: its tests will be skipped unless you run"
        say "    sudo apt-get install -y --no-install-recommends slurm-wlm munge"
        exit 0
    fi
    as_root="sudo -n"
fi
say "installing slurm-wlm and munge"
if ! { $as_root apt-get update -qq &&
    $as_root env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 \
        apt-get install -y --no-install-recommends slurm-wlm munge; } </dev/null >&2; then
    say "could not be installed: its tests will be skipped"
fi
