# shellcheck shell=bash disable=SC2154
# Gets Debian's packages of any release. This machine's own packages stay as they are. The commands source it and call its
# functions:
#
#   work=FOLDER
#   . scripts/lib/debian.sh
#
# FOLDER keeps the lists and the packages that were fetched.

# The release of Debian that this machine runs, such as bookworm; empty elsewhere.
debian_own_suite() {
  # shellcheck disable=SC1091
  (. /etc/os-release && [ "${ID:-}" = debian ] && echo "${VERSION_CODENAME:-}") || true
}

# debian_apt COMMAND SUITE ARGUMENTS…: apt-get or apt-cache that knows that release and its security updates only.
# Keeps its lists in $work, for an hour: an index that is older may name versions that the servers have dropped.
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
    # Old lists are better than none: what they name may still be there.
    if ! apt-get "${options[@]}" update >"$state/update.log" 2>&1 && ! ls "$state"/lists/*_Packages >/dev/null 2>&1; then
      grep -E "^(E|Err|W):" "$state/update.log" | head -n 5 >&2
      return 1
    fi
    touch "$state/updated"
  fi
  "$command" "${options[@]}" "$@"
}

# debian_source SUITE PACKAGE DIR: a package's source in DIR, the newest version that can be had. The index may name
# versions that the servers do not hold (yet, or any more): then the next older one is taken, and that is said.
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

# debian_root SUITE DIR: a root file system that holds that release's C library and CA certificates, nothing else.
debian_root() {
  local suite=$1 target=$2
  rm -rf "$target"
  mkdir -p "$target" "$work/debs-$suite"
  (cd "$work/debs-$suite" && debian_apt apt-get "$suite" download libc6 libgcc-s1 ca-certificates >/dev/null)
  local package
  for package in "$work/debs-$suite"/*.deb; do dpkg-deb -x "$package" "$target"; done
  # Before Debian merged them, /lib64 and /lib were folders of their own.
  mkdir -p "$target/etc/ssl/certs" "$target/tmp" "$target/dev"
  cat "$target"/usr/share/ca-certificates/mozilla/*.crt >"$target/etc/ssl/certs/ca-certificates.crt"
  [ -e "$target/lib64" ] || ln -s usr/lib64 "$target/lib64"
  [ -e "$target/lib" ] || ln -s usr/lib "$target/lib"
}
