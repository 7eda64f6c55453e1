#!/bin/sh
# Pins requirements.txt, requirements_dev.txt and, in a lock of their own,
# requirements_docs.txt, with hashes, in the *_lock.txt files that Bazel installs from.
# Needs uv. --upgrade moves every pin.
set -eu
cd "$(dirname "$0")/.."
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

# kfp-server-api and promise publish no wheel.
lock() {
  uv pip compile --quiet --generate-hashes --only-binary :all: \
    --no-binary kfp-server-api --no-binary promise --no-emit-index-url \
    --python-version 3.11 --python-platform x86_64-manylinux_2_28 \
    --no-strip-extras --no-annotate --custom-compile-command tools/lock.sh "$@"
}

sed 's/^tensorflow==/tensorflow-cpu==/' requirements.txt > "$scratch/cpu.txt"
lock "$@" "$scratch/cpu.txt" requirements_dev.txt \
  --overrides requirements_overrides.txt -o requirements_lock.txt

# What both locks hold, they hold in one version.
sed -n '/^tensorflow-cpu==/d; s/^\([a-z0-9].*==[^ ]*\) .*/\1/p' requirements_lock.txt \
  > "$scratch/shared.txt"
sed 's/^tensorflow==/tensorflow[and-cuda]==/' requirements.txt > "$scratch/gpu.txt"
lock "$@" "$scratch/gpu.txt" requirements_dev.txt \
  -c "$scratch/shared.txt" -o requirements_gpu_lock.txt

# Nobody but who builds the docs or tests the notebooks installs these.
lock "$@" requirements_docs.txt -c "$scratch/shared.txt" -o requirements_docs_lock.txt
