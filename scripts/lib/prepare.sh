# shellcheck shell=bash
# SPDX-License-Identifier: LGPL-2.1-or-later
#
# prepare.sh: installs what is missing, configures and builds
#
# Here: prepare_packages, prepare_build and what they say on the way. Sourced
# by the scripts one folder up, which work from any folder.
# Not here: running tests or the demo.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
package_list=$root/scripts/lib/packages
policy_file=${POLICY_FILE:-/usr/sbin/policy-rc.d}
has_installed=

say ()
{
  printf '==> %s\n' "$*"
}

die ()
{
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# What the list names, with what tells that it is there: all of it for PURPOSE
# "test", else what is needed to build and use the plugin.
packages ()
{
  awk -v purpose="$1" '!/^#/ && NF && (NF < 3 || $3 == purpose) { print $1, $2, $4 }' \
    "$package_list"
}

# The Python that has the bindings: a second one may stand before it in PATH.
find_python ()
{
  local python
  for python in python3 /usr/bin/python3; do
    if "$python" -c 'import gi' 2> /dev/null; then
      echo "$python"
      return
    fi
  done
  die "no Python 3 with the GObject bindings (Debian: python3-gi)"
}

# is_there PROBE: whether what the right column of the list names exists.
is_there ()
{
  case $1 in
    pc:*) pkg-config --exists "${1#pc:}" 2> /dev/null ;;
    element:*) gst-inspect-1.0 --exists "${1#element:}" 2> /dev/null ;;
    typelib:*) "$(find_python)" -c 'import gi, sys
gi.require_version (*sys.argv[1].rsplit ("-", 1))' "${1#typelib:}" 2> /dev/null ;;
    python:*) "$(find_python)" -c "import ${1#python:}" 2> /dev/null ;;
    file:*) [[ -e ${1#file:} ]] ;;
    *) command -v "$1" > /dev/null ;;
  esac
}

missing_by_probe ()
{
  local name probe
  while read -r name probe _; do
    is_there "$probe" || echo "$name"
  done < <(packages "$1")
}

missing_debian_packages ()
{
  local name probe whose
  while read -r name probe whose; do
    dpkg-query -W -f '${db:Status-Status}\n' "$name" 2> /dev/null \
      | grep -qx installed && continue
    [[ $whose == any ]] && is_there "$probe" && continue
    echo "$name"
  done < <(packages "$1")
}

# as_root CMD...: runs a command as root, by sudo where we are not.
as_root ()
{
  if [[ $(id -u) -eq 0 ]]; then
    "$@"
  elif command -v sudo > /dev/null; then
    sudo "$@"
  else
    die "this needs root or sudo: $*"
  fi
}

apt ()
{
  as_root env DEBIAN_FRONTEND=noninteractive \
    apt-get -y -q -o DPkg::Lock::Timeout=300 "$@" < /dev/null
}

is_debian ()
{
  command -v apt-get > /dev/null && command -v dpkg-query > /dev/null
}

# without_services CMD...: runs a command in which packages start no services:
# tests talk to servers of their own. A policy of the machine's own is left.
without_services ()
{
  local policy=$policy_file status=0
  if [[ -e $policy ]]; then
    "$@"
    return
  fi
  printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" > /dev/null
  as_root chmod 755 "$policy"
  "$@" || status=$?
  as_root rm -f "$policy"
  return "$status"
}

install_debian_packages ()
{
  say "installing from Debian: $*"
  apt update || say "the package lists could not be refreshed; going on"
  without_services apt install --no-install-recommends "$@" \
    || die "apt-get could not install: $*"
  has_installed=yes
}

# prepare_packages use|test: installs what is missing where that can be done by
# name; elsewhere says what to install, and stops.
prepare_packages ()
{
  local missing=() purpose=$1
  if is_debian; then
    mapfile -t missing < <(missing_debian_packages "$purpose")
    [[ ${#missing[@]} -eq 0 ]] || install_debian_packages "${missing[@]}"
    return
  fi
  mapfile -t missing < <(missing_by_probe "$purpose")
  [[ ${#missing[@]} -eq 0 ]] && return
  printf 'These are missing, by the names Debian has for them:\n' >&2
  printf '  %s\n' "${missing[@]}" >&2
  die "this is not Debian: install them with your package manager, then start again"
}

# configure DIR ARG...: sets up a build folder, or brings one that is there
# to the same options. One that no longer fits (moved, or of another meson)
# is made anew. A stamp spares the second run the work.
configure ()
{
  local dir=$1 stamp
  shift
  stamp="$(meson --version) $root $*"
  if [[ -f $dir/build.ninja ]]; then
    if [[ $stamp == "$(cat "$dir/prepared" 2> /dev/null)" ]]; then
      # What has been installed since may be of use.
      [[ -z $has_installed ]] || meson setup --reconfigure "$dir" "$root"
      return
    fi
    if [[ ! -f $dir/prepared ]] && meson configure "$dir" "$@" > /dev/null; then
      echo "$stamp" > "$dir/prepared"
      return
    fi
  fi
  say "configuring $dir"
  rm -rf "$dir"
  meson setup "$@" "$dir" "$root"
  echo "$stamp" > "$dir/prepared"
}

# prepare_build DIR ARG...: a build of this tree in DIR (below the tree).
prepare_build ()
{
  local dir=$root/$1
  shift
  configure "$dir" "$@"
  say "building in $dir"
  meson compile -C "$dir"
}
