# SPDX-License-Identifier: Apache-2.0
"""python -m tests.bench.streaming [MODEL...]: what streaming costs in instructions.

The unstreamed plan runs layer by layer, its input resident. Every output byte is compared with the
oracle's.
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from netsuke.compiler.driver import Options, Progress, compile_graph
from netsuke.compiler.planning import Wishes
from netsuke.targets.target import find_target
from tests.bench.measure import BENCHMARKS, instructions
from tests.conftest import MODELS

COMPARED = (
    "vww_96_int8",
    "mcunet_vww1",
    "pretrainedResnet_quant",
    "kws_ref_model",
    "mobilenet_v2_224",
)


def streaming_ratio(model: Path, target_name: str, progress: Progress) -> tuple[int, int]:
    """Instructions of an inference layer by layer, and of the streamed plan."""
    target = find_target(target_name)
    plain = Options(wishes=Wishes(integration=False))
    streamed = Options(wishes=Wishes(streamed=True))
    return (
        instructions(compile_graph(model, target, plain, progress), target, progress),
        instructions(compile_graph(model, target, streamed, progress), target, progress),
    )


@click.command()
@click.argument("models", nargs=-1, type=click.Choice(COMPARED))
def main(models: tuple[str, ...]) -> None:
    """Print a table."""
    directory = Path(os.environ.get("NETSUKE_MODELS", MODELS))
    click.echo("| model | layer by layer | streamed | ratio |\n| --- | --: | --: | --: |")
    for name in models or COMPARED:
        path = directory / f"{name}.tflite"
        plain, streamed = streaming_ratio(path, BENCHMARKS[name], lambda _: None)
        click.echo(f"| {name} | {plain:,} | {streamed:,} | {streamed / plain:.3f} |")


if __name__ == "__main__":
    main()
