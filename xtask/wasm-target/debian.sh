#!/bin/sh
# Makes a rustup toolchain out of Debian's packages, for machines that cannot reach rustup's server:
# `debian.sh NAME TARGET FOLDER`.
#
# The packages are unpacked into FOLDER, so that nothing on the system changes. They contain the
# compiler and the source of the standard library, which is compiled once for TARGET. The linker and
# Cargo are those of the default toolchain.
set -eu
name=$1 target=$2 folder=$3
sysroot=$folder/usr
host=$(rustc --print host-tuple)
# The compiler that Debian keeps new enough for web browsers.
compiler=rustc-web

if [ ! -e "$folder/complete" ]; then
  rm -rf "$folder"
  mkdir -p "$folder/packages" "$folder/std"
  apt-get update --quiet || echo 'using old package lists, since only root can renew them'

  # What the compiler depends on and the system lacks. Virtual packages are in angle brackets.
  missing=$(apt-cache depends --recurse --no-recommends --no-suggests --no-conflicts --no-breaks \
    --no-replaces --no-enhances "$compiler" | grep '^[a-z0-9]' | while read -r package; do
    dpkg-query --show --showformat '${db:Status-Status}' "$package" 2>/dev/null |
      grep -q '^installed' || echo "$package"
  done)
  # shellcheck disable=SC2086
  (cd "$folder/packages" && apt-get download --quiet $missing rust-web-src rust-web-clippy)
  for package in "$folder"/packages/*.deb; do dpkg --extract "$package" "$folder"; done
  rm -rf "$folder/packages"

  # Debian's libraries, and the linker and Cargo, go where rustup and the compiler look for them.
  find "$sysroot/lib/$(uname -m)-linux-gnu" -maxdepth 1 -type f -exec ln -s -t "$sysroot/lib" {} +
  own=$(rustc --print sysroot)
  ln -s -t "$sysroot/lib/rustlib/$host" "$own/lib/rustlib/$host/bin"
  ln -s -t "$sysroot/bin" "$own/bin/cargo"
fi

# Each time, since another checkout may have linked its own toolchain under the name.
rustup toolchain link "$name" "$sysroot"

if [ ! -e "$folder/complete" ]; then
  # The standard library is compiled as a dependency of an empty program.
  cd "$folder/std"
  printf '[package]\nname = "empty"\nedition = "2024"\n\n[lib]\ncrate-type = ["cdylib"]\npath = "lib.rs"\n\n[workspace]\n' >Cargo.toml
  : >lib.rs
  RUSTC_BOOTSTRAP=1 RUSTFLAGS='' cargo "+$name" build --release --target "$target" \
    -Zbuild-std=std,panic_abort --target-dir target
  mkdir -p "$sysroot/lib/rustlib/$target/lib"
  cp "target/$target"/release/deps/*.rlib "$sysroot/lib/rustlib/$target/lib"
  rm -rf "$folder/std"
  : >"$folder/complete"
fi
