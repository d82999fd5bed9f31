#!/bin/sh
# Writes the payload of an agent's hook (standard input) into the inbox as one file: a line that
# says whose it is, then the payload. Says nothing and never fails the agent.
# Usage: hook.sh EVENT      with ACC_INBOX, ACC_AGENT and ACC_LAUNCH in the environment
{
    umask 077
    half=$(mktemp "$ACC_INBOX/tmp/hook.XXXXXXXXXX") || exit 0
    { printf '{"source":"hook","agent":"%s","launch":"%s","event":"%s"}\n' \
        "$ACC_AGENT" "$ACC_LAUNCH" "$1" && cat; } >"$half" && mv "$half" "$ACC_INBOX/new/"
} 2>/dev/null
exit 0
