#!/bin/sh
# Writes the payload of an agent's hook (standard input) into the inbox as one file: a line that
# says whose it is, then the payload. Says nothing and never fails the agent.
# With SECONDS it waits so long at a FIFO, which that line names, and prints the one line it gets
# there; an empty one is no answer.
# Usage: hook.sh EVENT [SECONDS]
# with ACC_INBOX, ACC_AGENT, ACC_LAUNCH and ACC_STATE in the environment, and ACC_AT (Unix seconds)
# where the caller knows better than the file when it happened
umask 077
exec 2>/dev/null

tell() {
    { printf '{"source":"hook","agent":"%s","launch":"%s","event":"%s"%s%s}\n' "$ACC_AGENT" \
        "$ACC_LAUNCH" "$event" "${ACC_AT:+,\"at\":$ACC_AT}" "$1" && cat; } >"$half" && mv "$half" "$ACC_INBOX/new/"
}

# Holds no end of the FIFO while it sleeps: nobody may seem to listen when the hook is gone.
ring_after() {
    trap 'kill "$nap"; exit' TERM
    sleep "$1" &
    nap=$!
    wait "$nap"
    if [ -p "$fifo" ]; then echo 1<>"$fifo"; else kill "$$"; fi
}

listen() {
    # By exec: a redirection of a function keeps a copy of what it closes.
    (exec 3<&- && ring_after "$1") >/dev/null &
    clock=$!
    read -r answer <&3
    kill "$clock"
    rm -f "$fifo"
    [ -z "$answer" ] || printf '%s\n' "$answer"
}

event=$1
half=$(mktemp "$ACC_INBOX/tmp/hook.XXXXXXXXXX") || exit 0
name=ask.${half##*.}
fifo=$ACC_STATE/$name
if [ -n "$2" ] && [ -n "$ACC_STATE" ] && mkfifo "$fifo"; then
    trap 'kill "$clock"; rm -f "$fifo"; exit 0' HUP INT TERM
    { tell ",\"ask\":\"$name\"" && listen "$2"; } 3<>"$fifo"
else
    tell ''
fi
exit 0
