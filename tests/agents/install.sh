#!/bin/sh
# Installs the real agent CLIs that the tests drive, pinned, into .agents-cli/ of this checkout.
#
#   tests/agents/install.sh                    claude, codex, gemini and opencode
#   tests/agents/install.sh grok aider         the ones named
#
# Prints one line per CLI. Does nothing, quickly, for a CLI that is there in the pinned version.
# Exit status 3: node and npm are missing and installing them is up to the user; stderr has the
# command.
set -eu
cd "$(dirname "$0")/../.."
root=$PWD/.agents-cli

say() { printf 'agents: %s\n' "$*" >&2; }
has() { command -v "$1" >/dev/null 2>&1; }

# Exact versions: with a range, npm quietly falls back to an old release whose `engines` fit.
package() {
    case $1 in
    claude) echo @anthropic-ai/claude-code@2.1.329 ;;
    codex) echo @openai/codex@0.169.0 ;;
    gemini) echo @google/gemini-cli@0.61.0 ;;
    opencode) echo opencode-ai@1.18.33 ;;
    copilot) echo @github/copilot@1.0.102 ;;
    grok) echo @xai-official/grok@1.0.41 ;;
    aider) echo aider-chat@0.86.2 ;;
    *)
        say "unknown CLI: $1 (known: claude codex gemini opencode copilot grok aider)"
        exit 2
        ;;
    esac
}

# Some put their program in place in a script of theirs; the others need none.
script_flag() {
    case $1 in
    claude | opencode | copilot | grok) echo --ignore-scripts=false ;;
    *) echo --ignore-scripts ;;
    esac
}

is_of_python() { [ "$1" = aider ]; }

program() {
    if is_of_python "$1"; then echo "$root/$1/bin/$1"; else echo "$root/$1/node_modules/.bin/$1"; fi
}

# The CLIs write caches where they are started: a home of their own keeps the user's clean.
version() {
    HOME=$root/home XDG_DATA_HOME='' XDG_CONFIG_HOME='' XDG_CACHE_HOME='' XDG_STATE_HOME='' \
        CODEX_HOME='' "$(program "$1")" --version 2>/dev/null </dev/null || true
}

# The version is one of the words: "codex-cli 0.169.0", "2.1.329 (Claude Code)", "CLI 1.0.102."
is_current() {
    [ -x "$(program "$1")" ] || return 1
    wanted=$(package "$1")
    case " $(version "$1" | tr '\n' ' ' | sed 's/\. / /g') " in
    *" ${wanted##*@} "*) return 0 ;;
    *) return 1 ;;
    esac
}

node_command() {
    if has brew; then
        echo "brew install node"
    elif has apt-get; then
        echo "apt-get install -y --no-install-recommends nodejs npm"
    elif has dnf; then
        echo "dnf install -y nodejs nodejs-npm"
    elif has pacman; then
        echo "pacman -S --needed --noconfirm nodejs npm"
    fi
}

# Homebrew refuses root; every other manager needs it.
may_install() {
    if has brew; then [ "$(id -u)" -ne 0 ]; else [ "$(id -u)" -eq 0 ]; fi
}

provide_node() {
    has node && has npm && return
    command=$(node_command)
    if [ -z "$command" ]; then
        say "please install node (20 or newer) and npm, then try again"
        exit 3
    fi
    if ! may_install; then
        say "node and npm are missing; run this, then try again:"
        say "    $(has brew || echo 'sudo ')$command"
        exit 3
    fi
    say "$command"
    if has apt-get && ! has brew; then apt-get update -qq </dev/null >&2; fi
    # Split into words on purpose.
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive HOMEBREW_NO_AUTO_UPDATE=1 $command </dev/null >&2
}

# Fills a fresh folder and moves it into place, so that an interrupted install leaves nothing.
install_cli() {
    fresh=$root/$1.$$
    rm -rf "$fresh"
    mkdir -p "$fresh"
    if ! npm install --prefix "$fresh" --no-audit --no-fund --no-save --no-update-notifier \
        --loglevel=error --engine-strict=false "$(script_flag "$1")" "$(package "$1")" </dev/null >&2; then
        rm -rf "$fresh"
        say "npm could not install $(package "$1")"
        exit 1
    fi
    rm -rf "${root:?}/$1"
    mv "$fresh" "$root/$1"
    if ! is_current "$1"; then
        say "$(package "$1") is installed, but --version says: $(version "$1")"
        exit 1
    fi
}

# In place, for a virtual environment cannot be moved.
install_of_python() {
    rm -rf "${root:?}/$1"
    wanted=$(package "$1")
    if ! "${PYTHON:-python3}" -m venv "$root/$1" >&2 ||
        ! "$root/$1/bin/pip" install --quiet --disable-pip-version-check \
            "${wanted%@*}==${wanted##*@}" </dev/null >&2; then
        rm -rf "${root:?}/$1"
        say "pip could not install ${wanted%@*}==${wanted##*@}"
        exit 1
    fi
}

mkdir -p "$root/home"
[ $# -gt 0 ] || set -- claude codex gemini opencode
for name in "$@"; do
    # Our own agent is here already.
    [ "$name" != native ] || continue
    wanted=$(package "$name")
    if ! is_current "$name"; then
        if is_of_python "$name"; then
            install_of_python "$name"
        else
            provide_node
            install_cli "$name"
        fi
    fi
    printf '%s %s %s\n' "$name" "${wanted##*@}" "$(program "$name")"
done
