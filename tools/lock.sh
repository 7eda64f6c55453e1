#!/bin/sh
# Pins requirements.txt and requirements_gpu.txt, with hashes, in the *_lock.txt
# files that Bazel installs from. Needs uv. --upgrade moves every pin.
set -eu
cd "$(dirname "$0")/.."
shared=$(mktemp)
trap 'rm -f "$shared"' EXIT

lock() {
  uv pip compile --quiet --generate-hashes --only-binary :all: --no-binary kfp-server-api --no-binary promise \
    --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
    --no-strip-extras --no-annotate --custom-compile-command tools/lock.sh "$@"
}

lock "$@" requirements.txt --overrides requirements_overrides.txt -o requirements_lock.txt
# What both files hold, they hold in one version.
sed -n '/^tensorflow-cpu==/d; s/^\([a-z0-9].*==[^ ]*\) .*/\1/p' requirements_lock.txt > "$shared"
lock "$@" requirements_gpu.txt -c "$shared" -o requirements_gpu_lock.txt
