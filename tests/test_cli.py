# SPDX-License-Identifier: Apache-2.0
"""The command line as other programs see it: JSON keys, exit status, one line for an error."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner, Result

from netsuke.cli import main
from netsuke.compiler import boards
from netsuke.compiler.ir import Array, TensorId
from netsuke.compiler.oracle import Oracle
from tests.support.small_models import convolutional, float_edges

DATA = convolutional()
SHAPE, CLASSES = (1, 12, 10, 3), 6
RAM = {
    "arena_bytes",
    "input_bytes",
    "static_bytes",
    "stack_bytes",
    "total_bytes",
    "lower_bound_bytes",
    "optimal",
}
FLASH = {"code_bytes", "weights_bytes", "params_bytes", "total_bytes", "external_bytes"}


@pytest.fixture
def model(tmp_path: Path) -> Path:
    path = tmp_path / "small.tflite"
    path.write_bytes(DATA)
    return path


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "image.npy"
    np.save(path, np.arange(360, dtype=np.int8).reshape(SHAPE))
    return path


def call(*arguments: str | Path) -> Result:
    """Run netsuke; whatever happens, it ends by its own exit status."""
    result = CliRunner().invoke(main, list(map(str, arguments)))
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    assert "Traceback" not in result.stderr
    return result


def answer(*arguments: str | Path, status: int = 0) -> dict[str, Any]:
    """The JSON object that is all of standard output; json.loads takes nothing behind it."""
    result = call(*arguments, "--json")
    assert result.exit_code == status, result.stderr
    found = json.loads(result.stdout)
    assert isinstance(found, dict)
    return found


def refused(*arguments: str | Path, status: int = 2) -> str:
    """The one line that an error is, without `netsuke: `; nothing on standard output."""
    result = call(*arguments, "--json")
    assert (result.exit_code, result.stdout) == (status, ""), result.stderr
    (line,) = result.stderr.splitlines()
    assert line.startswith("netsuke: ")
    return line.removeprefix("netsuke: ")


def assert_keys(found: Mapping[str, Any], *wanted: str) -> None:
    assert set(wanted) <= set(found)


# What a command answers


def test_check(model: Path) -> None:
    assert_keys(answer("check", model), "model", "problems")
    assert answer("check", model)["problems"] == []


def test_compile_with_firmware(model: Path, tmp_path: Path) -> None:
    report = answer("compile", model, "-o", tmp_path / "out")
    assert_keys(report, "model", "target", "ram", "flash", "schedule", "layers", "files")
    assert_keys(report["model"], "name", "sha256", "macs", "macs_live")
    assert report["target"] == {
        "name": "mps2-an386",
        "core": "cortex-m4",
        "emulator": "mps2-an386",
    }
    assert_keys(report["schedule"], "mac_overhead", "regions")
    ram, flash = report["ram"], report["flash"]
    assert_keys(ram, *RAM)
    parts = ("arena_bytes", "input_bytes", "static_bytes", "stack_bytes")
    assert ram["total_bytes"] == sum(ram[part] for part in parts) and ram["stack_bytes"] > 0
    assert ram["lower_bound_bytes"] <= ram["arena_bytes"]
    assert set(flash) == FLASH
    # 3x3x3x8 + 3x3x8 + 6x48 weights, packed for kernels that take four at a time
    assert flash["weights_bytes"] >= 216 + 72 + 288 and flash["code_bytes"] > 1000
    by_layer = [layer["flash"] for layer in report["layers"]]
    assert sum(layer["weights_bytes"] for layer in by_layer) == flash["weights_bytes"]
    assert 0 < sum(layer["params_bytes"] for layer in by_layer) <= flash["params_bytes"]
    assert all(layer["code_bytes"] > 0 for layer in by_layer)
    assert sum(layer["code_bytes"] for layer in by_layer) < flash["code_bytes"]
    assert all((tmp_path / "out" / name).is_file() for name in report["files"])
    assert "firmware/firmware.elf" in report["files"]
    assert json.loads((tmp_path / "out/report.json").read_text()) == report


def test_a_process_of_this_machine_has_no_flash(model: Path, tmp_path: Path) -> None:
    report = answer("compile", model, "-t", "host", "-o", tmp_path / "out")
    assert (report["flash"], report["ram"]["stack_bytes"]) == (None, None)


def test_run_equals_the_reference(model: Path, image: Path, tmp_path: Path) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_text("".join(f"class {i}\n" for i in range(CLASSES)))
    found = answer("run", model, "-t", "host", "--input", image, "--labels", labels)
    (want,) = Oracle(DATA).run([np.load(image)])
    assert found["outputs"] == [want.tolist()]
    assert (found["argmax"], found["label"]) == (want.argmax(), f"class {want.argmax()}")


def test_validate_every_layer(model: Path) -> None:
    found = answer("validate", model, "-t", "host", "-n", "2", "--layers")
    assert_keys(found["oracle"], "name", "version")
    assert_keys(found, "bytes_compared", "max_abs_diff")
    assert (found["vectors"], found["bytes_mismatched"]) == (2, 0)
    assert found["first_divergent_layer"] is None
    assert found["layers_compared"] == found["layers"] == 7


class Disagreeing(Oracle):
    """A reference with another last byte in one tensor, by 3 steps."""

    def run_layers(self, inputs: Sequence[Array]) -> dict[TensorId, Array]:
        values = super().run_layers(inputs)
        wrong = next(t for t in sorted(values) if values[t].shape == (1, 6, 5, 8))
        values[wrong] = values[wrong].copy()
        last = values[wrong].reshape(-1)[-1:]
        last += np.int8(3 if last[0] < 0 else -3)
        return values


def test_validate_says_no_and_where(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(boards, "Oracle", Disagreeing)
    found = answer("validate", model, "-t", "host", "-n", "2", "--layers", status=1)
    assert (found["bytes_mismatched"], found["max_abs_diff"]) == (2, 3)
    assert found["first_divergent_layer"] == "3 average_pool_2d"


def test_profile_counts_instructions_in_the_emulator(model: Path) -> None:
    found = answer("profile", model)
    assert (found["source"], found["unit"]) == ("emulator", "instructions")
    for layer in found["layers"]:
        assert_keys(layer, "name", "op", "macs", "count")
        assert layer["count"] > 0
    assert found["total"] >= max(layer["count"] for layer in found["layers"])
    assert_keys(found["ram"], "arena_watermark_bytes", "stack_watermark_bytes")
    assert 0 < found["ram"]["arena_watermark_bytes"] <= found["ram"]["arena_bytes"]


def test_inspect(model: Path, tmp_path: Path) -> None:
    picture = tmp_path / "memory.svg"
    found = answer("inspect", model, "--memory", picture)
    ends = [buffer["offset"] + buffer["size_bytes"] for buffer in found["buffers"]]
    assert found["arena_bytes"] == max(ends)
    assert picture.read_text().startswith("<svg")


def test_targets_and_doctor() -> None:
    (row,) = answer("targets", "an386")["targets"]
    assert (row["name"], row["core"]) == ("mps2-an386", "cortex-m4")
    found = json.loads(call("doctor", "--json").stdout)
    for check in found["checks"]:
        assert_keys(check, "name", "found", "get", "needed")


@pytest.mark.parametrize("command", ["check", "inspect", "targets", "doctor"])
def test_people_get_text(model: Path, command: str) -> None:
    result = call(command, *([model, "-t", "host"] if command in ("check", "inspect") else []))
    assert result.exit_code == 0 and result.stdout and not result.stdout.startswith("{")


# What is no


def test_over_budget_is_no_and_writes_nothing(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    line = refused("compile", model, "-o", out, "--ram-budget", "100", status=1)
    assert line.startswith("small: --ram-budget: got ") and "want at most 100" in line
    assert not out.exists()


# What a user can get wrong


@pytest.mark.parametrize("command", ["check", "compile", "run", "validate", "profile", "inspect"])
@pytest.mark.parametrize("damage", ["missing", "a folder", "empty", "noise", "cut"])
def test_models_that_are_none(command: str, damage: str, tmp_path: Path, image: Path) -> None:
    path = tmp_path / "model.tflite"
    contents = {"empty": b"", "noise": bytes(range(256)) * 9, "cut": DATA[: len(DATA) // 2]}
    if damage == "a folder":
        path.mkdir()
    elif damage != "missing":
        path.write_bytes(contents[damage])
    more = {"compile": ["-o", tmp_path / "out"], "run": ["--input", image]}
    result = call(command, path, "-t", "host", *more.get(command, []))
    assert result.exit_code == 2
    assert "model" in result.output
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        ("compile", "MODEL", "-o", "out"),
        ("run", "MODEL", "--input", "IMAGE"),
        ("validate", "MODEL"),
        ("profile", "MODEL"),
        ("inspect", "MODEL"),
        ("flash", "out"),
    ],
)
def test_unknown_targets(arguments: Sequence[str], model: Path, image: Path) -> None:
    paths = {"MODEL": str(model), "IMAGE": str(image), "out": str(model.parent / "out")}
    line = refused(*(paths.get(a, a) for a in arguments), "-t", "stm32z9")
    assert "'stm32z9'" in line and "hint: netsuke targets lists them" in line
    assert not (model.parent / "out").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--ram-budget", "lots"),
        ("--ram-budget", "-1"),
        ("--time-limit", "0"),
        ("--time-limit", "nan"),
        ("--time-limit", "inf"),
        ("--optimize", "both"),
        ("--input", "maybe"),
    ],
)
def test_options_out_of_range(options: Sequence[str], model: Path, tmp_path: Path) -> None:
    result = call("compile", model, "-o", tmp_path / "out", *options)
    assert result.exit_code == 2 and options[0] in result.stderr
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", ["validate", "profile"])
def test_a_seed_below_zero(command: str, model: Path) -> None:
    assert "--seed" in call(command, model, "-t", "host", "--seed", "-1").stderr


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xff\xfe", "got bytes that are not UTF-8, want a text file"),
        (b"shirt\ncoat\n", "got 2 lines, want 6, one for each output value"),
    ],
)
def test_labels_that_are_none(
    content: bytes, why: str, model: Path, image: Path, tmp_path: Path
) -> None:
    labels = tmp_path / "labels.txt"
    labels.write_bytes(content)
    line = refused("run", model, "-t", "host", "--input", image, "--labels", labels)
    assert line == f"{labels}: {why}"


def test_float_inputs_are_quantized_as_the_model_does(tmp_path: Path) -> None:
    data = float_edges()
    model, image = tmp_path / "real.tflite", tmp_path / "image.npy"
    model.write_bytes(data)
    real = np.random.default_rng(4).normal(0, 2, (1, 7, 9, 2)).astype(np.float32)
    np.save(image, real)
    (got,) = answer("run", model, "-t", "host", "--input", image)["outputs"]
    (want,) = Oracle(data).run([real])
    steps = np.float32(0.05) * (np.array(got, np.float32) - 3)
    assert np.array_equal(steps, want)


# Where a user wants it


def test_a_directory_with_other_files_is_left_alone(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "thesis"
    out.mkdir()
    (out / "small.c").write_text("mine")
    line = refused("compile", model, "-t", "host", "-o", out, "--no-firmware")
    assert line.startswith(f"{out}: got a directory with other files, want ")
    assert [(p.name, p.read_text()) for p in out.iterdir()] == [("small.c", "mine")]


def test_a_directory_of_ours_is_written_again(model: Path, tmp_path: Path) -> None:
    arguments = ("compile", model, "-t", "host", "-o", tmp_path / "out", "--no-firmware")
    assert answer(*arguments) == answer(*arguments)


def test_a_directory_with_another_report_is_not_ours(model: Path, tmp_path: Path) -> None:
    (tmp_path / "report.json").write_text("{}")
    arguments = ("compile", model, "-t", "host", "-o", tmp_path, "--no-firmware")
    assert "a directory with other files" in refused(*arguments)
    assert (tmp_path / "report.json").read_text() == "{}"


REPORT_OF_OURS = json.dumps(dict.fromkeys(("model", "target", "ram", "layers")))


@pytest.mark.parametrize("where", ["small.c", "report", "runtime"])
def test_something_in_the_way_of_a_file(where: str, model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("compile", model, "-t", "host", "-o", out, "--no-firmware")
    if where == "runtime":
        out.mkdir()
        (out / "report.json").write_text(REPORT_OF_OURS)
        (out / "runtime").write_text("a file")
        assert refused(*arguments).endswith("want a directory")
    elif where == "small.c":
        (out / "small.c").mkdir(parents=True)
        (out / "report.json").write_text(REPORT_OF_OURS)
        assert refused(*arguments) == f"{out / 'small.c'}: got Is a directory, want a file to write"
    else:
        out.write_text("a file")
        assert call(*arguments).exit_code == 2


def test_directories_below_a_file(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    compile_it = ("compile", model, "-t", "host", "--no-firmware")
    assert refused(*compile_it, "-o", file / "out").endswith("want a directory")
    dump = ("-o", tmp_path / "out", "--dump-ir", file / "ir")
    assert refused(*compile_it, *dump).endswith("want a directory")
    line = refused("inspect", model, "--memory", file / "x.svg")
    assert f"got no directory {file}, want a file to write" in line


def test_dump_writes_the_graph_after_every_pass(model: Path, tmp_path: Path) -> None:
    dump = tmp_path / "ir"
    answer("compile", model, "-t", "host", "-o", tmp_path / "o", "--no-firmware", "--dump-ir", dump)
    texts = [path.read_text() for path in sorted(dump.iterdir())]
    assert len(texts) > 1 and all("conv_2d" in text for text in texts)


# What a machine may lack


def test_without_a_compiler_c_is_written_all_the_same(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    report = answer("compile", model, "-o", tmp_path / "out")
    assert (report["flash"], report["ram"]["stack_bytes"]) == (None, None)
    assert {"small.c", "small.h", "small_weights.c"} <= set(report["files"])
    assert "no firmware was built" in call("compile", model, "-o", tmp_path / "out").stderr
    line = refused("compile", model, "-o", tmp_path / "out", "--firmware", status=3)
    assert line.startswith("arm-none-eabi-gcc is not installed (hint: apt-get install ")
    refused("validate", model, status=3)
    assert answer("doctor", status=3)["checks"][0]["found"] == ""


def test_a_port_that_leads_nowhere(model: Path) -> None:
    assert refused("validate", model, "--port", "/dev/no-such-port", status=3).startswith("port ")


def test_a_product_that_does_not_compile(model: Path, tmp_path: Path) -> None:
    program = tmp_path / "main.c"
    program.write_text("int main(void) { return nothing; }\n")
    out = tmp_path / "out"
    assert "got small.tflite, want a C file, .c" in refused(
        "compile", model, "-o", out, "--main", model
    )
    assert "a board" in refused("compile", model, "-t", "host", "-o", out, "--main", program)
    line = refused("compile", model, "-o", out, "--main", program, status=3)
    assert line.startswith("arm-none-eabi-gcc: got ") and "main.c:1:25: error: " in line
    program.write_text("int absent(void);\nint main(void) { return absent(); }\n")
    line = refused("compile", model, "-o", out, "--main", program, status=3)
    assert "main.c" in line and line.endswith("undefined reference to `absent'")
    assert not out.exists()


def test_flash_wants_firmware(model: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert str(out) in refused("flash", out, "-t", "nucleo_f446re")
    answer("compile", model, "-t", "host", "-o", out, "--no-firmware")
    assert refused("flash", out, "-t", "mps2-an386")
