# shellcheck shell=bash
# What scripts/demo and scripts/test share: the machine they need. Sourced, not run.

set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# To build: a C compiler, cmake (the Opus decoder), and ALSA's headers (playing).
build_packages=(build-essential ca-certificates cmake libasound2-dev pkg-config)
# To draw and compute without a graphics card: Mesa's software drivers; to open the window.
window_packages=(libegl1 libgl1 libgl1-mesa-dri libvulkan1 libxkbcommon-x11-0 mesa-vulkan-drivers)

# Installs the packages that are missing; asks for sudo only if there are any.
install_packages() {
    local missing=() package as_root=()
    command -v dpkg-query >/dev/null || {
        echo "This is not Debian or Ubuntu; make sure that you have: $*" >&2
        return 0
    }
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' ||
            missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    echo "Installing ${missing[*]}" >&2
    if [ "$(id -u)" -ne 0 ]; then
        command -v sudo >/dev/null || {
            echo "Please run as root: apt-get install ${missing[*]}" >&2
            exit 1
        }
        as_root=(sudo)
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get update -qq
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# Finds cargo; rust-toolchain.toml then brings the right version of everything.
need_rust() {
    [ ! -f "${CARGO_HOME:-$HOME/.cargo}/env" ] || . "${CARGO_HOME:-$HOME/.cargo}/env"
    if ! command -v rustup >/dev/null || ! command -v cargo >/dev/null; then
        cat >&2 <<'HINT'
Rust is missing. Install it with
    curl --proto '=https' --tlsv1.2 -sSf https://sh.rustup.rs | sh -s -- -y
(apt-get install curl, if that is missing too) and run this again.
HINT
        exit 1
    fi
}
