# shellcheck shell=bash
# Makes sure that the Swift toolchain and the system's packages are there which the build needs. The commands source it:
#
#   DEPENDENCIES="gcc unzip"
#   . scripts/lib/dependencies.sh
#
# DEPENDENCIES names Debian packages that the command needs besides; it may be unset. On Debian and Ubuntu missing packages are
# installed. Elsewhere it says what is missing and ends the command with status 2.

missing_packages() {
  # Without pkg-config, looks for the header instead. SwiftPM needs no pkg-config: it reads the .pc files itself.
  has() {
    if command -v pkg-config >/dev/null 2>&1; then
      pkg-config --exists "$1"
    else
      find /usr/include /usr/local/include -maxdepth 3 -path "*/$2" 2>/dev/null | grep -q .
    fi
  }
  has libcurl curl/curl.h || echo libcurl4-openssl-dev
  has yaml-0.1 yaml.h || echo libyaml-dev
  for package in ${DEPENDENCIES:-}; do
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q "ok installed" || echo "$package"
  done
}

if ! command -v swift >/dev/null 2>&1; then
  echo "No Swift toolchain found; install Swift 6.2 or newer from https://www.swift.org/install" >&2
  exit 2
fi

packages=$(missing_packages | xargs)
if [ -n "$packages" ]; then
  if ! command -v apt-get >/dev/null 2>&1; then
    echo "Please install the development files of libcurl and libyaml, and pkg-config." >&2
    exit 2
  fi
  sudo=""
  if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
      echo "Missing: $packages. Please have them installed: apt-get install $packages" >&2
      exit 2
    fi
    sudo="sudo"
  fi
  echo "Installing $packages" >&2
  $sudo apt-get update -qq >&2
  # shellcheck disable=SC2086
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends $packages >/dev/null
fi
