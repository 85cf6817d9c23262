# shellcheck shell=bash disable=SC2154
# Gets Debian's packages of any release. This machine's own packages stay as they are. The commands source it and call its
# functions:
#
#   work=FOLDER
#   . scripts/lib/debian.sh
#
# FOLDER keeps the lists and the packages that were fetched.

# Prints the Debian release of this machine, such as bookworm; nothing on another system.
debian_own_suite() {
  # shellcheck disable=SC1091
  (. /etc/os-release && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || true
}

# debian_apt COMMAND SUITE ARGUMENTS…: runs apt-get or apt-cache with only that release and its updates. Its package
# lists are in $work and are renewed after an hour: older lists may name versions that the servers have removed.
debian_apt() {
  local command=$1 suite=$2
  shift 2
  local state=$work/apt-$suite
  local options=(
    -o Dir::Etc::SourceList="$state/list.sources" -o Dir::Etc::SourceParts=- -o Dir::State::Lists="$state/lists"
    -o Dir::Cache="$state/cache" -o Dir::State::status=/dev/null -o APT::Sandbox::User=root -o Acquire::Retries=3 -q
  )
  if [ -z "$(find "$state/updated" -mmin -60 2>/dev/null)" ]; then
    mkdir -p "$state/lists/partial" "$state/cache/archives/partial"
    cat >"$state/list.sources" <<EOF
Types: deb deb-src
URIs: http://deb.debian.org/debian
Suites: $suite $suite-updates
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg

Types: deb deb-src
URIs: http://deb.debian.org/debian-security
Suites: $suite-security
Components: main
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
EOF
    # If the update fails, old lists are used: the servers may still have what they name.
    if ! apt-get "${options[@]}" update >"$state/update.log" 2>&1 && ! ls "$state"/lists/*_Packages >/dev/null 2>&1; then
      grep -E "^(E|Err|W):" "$state/update.log" | head -n 5 >&2
      return 1
    fi
    touch "$state/updated"
  fi
  "$command" "${options[@]}" "$@"
}

# debian_source SUITE PACKAGE DIR: downloads the newest available source of a package into DIR. If the servers do not
# have a version that the index names, it says so and tries the next older one.
debian_source() {
  local suite=$1 package=$2 target=$3 versions version
  versions=$(debian_apt apt-cache "$suite" showsrc --only-source "$package" 2>/dev/null |
    awk '$1 == "Version:" { print $2 }' | sort -ruV | uniq)
  if [ -z "$versions" ]; then
    echo "Debian's release '$suite' has no source package $package, or its index can't be read." >&2
    return 1
  fi
  for version in $versions; do
    rm -rf "$target.new"
    mkdir -p "$target.new"
    if (cd "$target.new" && debian_apt apt-get "$suite" source --download-only "$package=$version" >fetch.log 2>&1); then
      rm -f "$target.new/fetch.log"
      rm -rf "$target"
      mv "$target.new" "$target"
      return 0
    fi
    echo "$package $version of Debian's release '$suite' can't be had:" >&2
    grep -E "^(E|Err|W):" "$target.new/fetch.log" | head -n 3 >&2 || true
  done
  rm -rf "$target.new"
  return 1
}

# debian_root SUITE DIR: makes a root file system with only that release's C library, libgcc and CA certificates.
debian_root() {
  local suite=$1 target=$2
  rm -rf "$target"
  mkdir -p "$target" "$work/debs-$suite"
  (cd "$work/debs-$suite" && debian_apt apt-get "$suite" download libc6 libgcc-s1 ca-certificates >/dev/null)
  local package
  for package in "$work/debs-$suite"/*.deb; do dpkg-deb -x "$package" "$target"; done
  mkdir -p "$target/etc/ssl/certs" "$target/tmp" "$target/dev"
  cat "$target"/usr/share/ca-certificates/mozilla/*.crt >"$target/etc/ssl/certs/ca-certificates.crt"
  # Packages of newer releases have only usr/lib and usr/lib64. Older ones have /lib and /lib64 as folders.
  [ -e "$target/lib64" ] || ln -s usr/lib64 "$target/lib64"
  [ -e "$target/lib" ] || ln -s usr/lib "$target/lib"
}
