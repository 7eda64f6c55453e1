"""Bazel 4.2's stand-in for MODULE.bazel, which Bazel 7 and later read.

Debian and Ubuntu package Bazel 4.2.3 (bazel-bootstrap). It has the Python rules
built in, cannot read MODULE.bazel, and may run where only package registries can
be reached. So legacy_python() makes, without Bazel downloading anything, the
repositories that BUILD files name:

  @rules_python           py_binary, py_library, py_test: Bazel's own
  @pypi, @pypi_gpu        one py_library for each package of a lock file. They are
                          empty, as the interpreter has the packages, but make
                          Bazel run tests again when the lock file changes
  @python, @python_gpu    a virtual environment with a lock file's packages, made
                          when first needed, and again when that file changes
  @pypi_docs              the packages of a lock file that few targets need: whatever
                          names one of them has all of them on its path
"""

# Every package in the lock files has a wheel for these.
_OLDEST = (3, 11)
_NEWEST = (3, 13)
_CANDIDATES = ["python3", "python3.13", "python3.12", "python3.11"]

_PROBE = """
import json, platform, sys
print(json.dumps([*sys.version_info[:3], sys.platform, platform.machine()]))
"""

def _find_python(ctx):
    """Returns the path and version of the first Python that the lock files are for."""
    chosen = ctx.os.environ.get("EBM_TF_PYTHON")
    seen = []
    for name in [chosen] if chosen else _CANDIDATES:
        path = name if "/" in name else ctx.which(name)
        if not path:
            seen.append("%s: not on PATH" % name)
            continue
        result = ctx.execute([path, "-I", "-c", _PROBE])
        if result.return_code:
            seen.append("%s: does not run" % path)
            continue
        major, minor, micro, system, machine = json.decode(result.stdout)
        if (system, machine) != ("linux", "x86_64"):
            fail("the lock files are for x86_64 Linux; this is %s %s" % (machine, system))
        if (major, minor) >= _OLDEST and (major, minor) <= _NEWEST:
            return path, "%d.%d.%d" % (major, minor, micro)
        seen.append("%s: Python %d.%d" % (path, major, minor))
    fail("need Python %d.%d to %d.%d, found:\n  %s\nTo name another: --repo_env=EBM_TF_PYTHON=/path/to/python3" %
         (_OLDEST + _NEWEST + ("\n  ".join(seen),)))

def _run(ctx, what, args, hint = ""):
    ctx.report_progress(what)
    result = ctx.execute(args, timeout = 3600)
    if result.return_code:
        fail("%s failed%s:\n%s\n%s" % (what, hint, result.stdout[-4000:], result.stderr[-4000:]))

def _installed(ctx):
    """Returns the path of a virtual environment with the packages of the lock file."""
    lock = ctx.path(ctx.attr.lock)  # first, since a label seen late starts this again
    python, version = _find_python(ctx)
    venv = ctx.path(version)  # so that another Python makes tests run again
    _run(
        ctx,
        "making a virtual environment with %s" % python,
        [python, "-I", "-m", "venv", venv],
        hint = " (Debian and Ubuntu: apt-get install python3-venv)",
    )
    _run(ctx, "installing the packages of %s" % lock.basename, [
        "%s/bin/python" % venv,
        "-I",
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--no-compile",
        "--no-deps",  # complete as it is; and tf-keras asks for a second TensorFlow
        "--only-binary=:all:",
        "--no-binary=kfp-server-api,promise",  # these two publish no wheel
        "--require-hashes",
        "--requirement=%s" % lock,
    ])

    # Here, on all cores, since in the sandbox nobody can keep what he compiled. Some
    # packages hold files that no Python 3 compiles: what it returns tells nothing.
    ctx.report_progress("compiling the packages of %s" % lock.basename)
    ctx.execute(["%s/bin/python" % venv, "-I", "-m", "compileall", "-q", "-j", "0", "%s/lib" % venv])
    return venv

def _venv_impl(ctx):
    ctx.file("BUILD", """
py_runtime(
    name = "runtime",
    interpreter_path = "%s/bin/python",
    python_version = "PY3",
    stub_shebang = "#!/usr/bin/env python3",
    visibility = ["//visibility:public"],
)
""" % _installed(ctx))

_venv = repository_rule(
    implementation = _venv_impl,
    attrs = {"lock": attr.label(mandatory = True)},
    environ = ["EBM_TF_PYTHON"],
)

def _names(lock):
    """Returns the names of a lock file's packages, as labels write them."""
    return [
        line.split("==")[0].split("[")[0].lower().replace("-", "_").replace(".", "_")
        for line in lock.splitlines()
        if "==" in line and line[0].isalnum()
    ]

def _hub_impl(ctx):
    lock = ctx.read(ctx.attr.lock)
    ctx.file("lock.txt", lock)
    ctx.file("BUILD", 'exports_files(["lock.txt"])')
    for name in _names(lock):
        ctx.file(name + "/BUILD", """
py_library(
    name = "%s",
    data = ["//:lock.txt"],
    visibility = ["//visibility:public"],
)
""" % name)

_hub = repository_rule(
    implementation = _hub_impl,
    attrs = {"lock": attr.label(mandatory = True)},
)

def _packages_impl(ctx):
    lock = ctx.read(ctx.attr.lock)
    venv = _installed(ctx)
    for path in venv.get_child("lib").readdir():
        ctx.symlink(path.get_child("site-packages"), "lib")
    ctx.file("lock.txt", lock)
    ctx.file("BUILD", """
py_library(
    name = "all",
    data = ["lib", "lock.txt"],
    imports = ["lib"],
    visibility = ["//visibility:public"],
)
""")
    for name in _names(lock):
        ctx.file(name + "/BUILD", """
alias(
    name = "%s",
    actual = "//:all",
    visibility = ["//visibility:public"],
)
""" % name)

_packages = repository_rule(
    implementation = _packages_impl,
    attrs = {"lock": attr.label(mandatory = True)},
    environ = ["EBM_TF_PYTHON"],
)

def _files_impl(ctx):
    for path, content in ctx.attr.files.items():
        ctx.file(path, content)

_files = repository_rule(
    implementation = _files_impl,
    attrs = {"files": attr.string_dict(mandatory = True)},
)

def _native(name, package, rules):
    """Makes a repository whose PACKAGE/defs.bzl has Bazel's own rules."""
    _files(
        name = name,
        files = {
            "BUILD": "",
            package + "/BUILD": "",
            package + "/defs.bzl": "\n".join([
                "def %s(**kwargs):\n    native.%s(**kwargs)\n" % (rule, rule)
                for rule in rules
            ]),
        },
    )

def legacy_python():
    """Makes the repositories above, and what keeps Bazel 4.2 from downloading its defaults."""
    if native.bazel_version.startswith("5.") or native.bazel_version.startswith("6."):
        fail("Bazel %s is not supported: take 4.2, or 7.4 or later" % native.bazel_version)

    _native("rules_python", "python", ["py_binary", "py_library", "py_test"])
    for hub, venv, lock in [
        ("pypi", "python", "//:requirements_lock.txt"),
        ("pypi_gpu", "python_gpu", "//:requirements_gpu_lock.txt"),
    ]:
        _hub(name = hub, lock = lock)
        _venv(name = venv, lock = lock)
    _packages(name = "pypi_docs", lock = "//:requirements_docs_lock.txt")
    _files(
        name = "python_toolchain",
        files = {"BUILD": """
load("@bazel_tools//tools/python:toolchain.bzl", "py_runtime_pair")

py_runtime_pair(
    name = "runtimes",
    py3_runtime = select({
        "@ebm_tf//bazel:gpu": "@python_gpu//:runtime",
        "//conditions:default": "@python//:runtime",
    }),
)

toolchain(
    name = "toolchain",
    toolchain = ":runtimes",
    toolchain_type = "@bazel_tools//tools/python:toolchain_type",
)
"""},
    )

    # Bazel loads these for any py_binary and py_test, and uses nothing in them.
    _native("rules_cc", "cc", [
        "cc_binary",
        "cc_library",
        "cc_test",
        "cc_toolchain",
        "cc_toolchain_suite",
    ])
    _native("rules_java", "java", ["java_import", "java_runtime", "java_toolchain"])
    _files(
        name = "remote_coverage_tools",
        files = {"BUILD": "".join([
            'filegroup(name = "%s", visibility = ["//visibility:public"])\n' % name
            for name in ["coverage_report_generator", "lcov_merger"]
        ])},
    )
