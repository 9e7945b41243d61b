# SPDX-License-Identifier: Apache-2.0
"""The command line. Results go to standard output, progress and errors to standard error.

Exit status: 0 done, 1 the answer is no, 2 bad input or usage, 3 a tool or board is missing or
failed. An error is one line.
"""

from __future__ import annotations

import click

from netsuke import __version__
from netsuke.commands.boards import run, validate
from netsuke.commands.compile import check, compile_command
from netsuke.commands.export import export
from netsuke.commands.flash import flash
from netsuke.commands.inspect import inspect
from netsuke.commands.machine import doctor, targets
from netsuke.commands.profile import compare, profile
from netsuke.console import Program


@click.group(
    cls=Program, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100}
)
@click.version_option(__version__, prog_name="netsuke")
def main() -> None:
    """Compile quantized TensorFlow Lite models into small, exact C for STM32.

    \b
    A first round, without any hardware:
      netsuke check    model.tflite
      netsuke compile  model.tflite -t netduinoplus2 -o build
      netsuke validate model.tflite -t netduinoplus2 -n 5
      netsuke profile  model.tflite -t netduinoplus2
    """


COMMANDS = (
    check,
    compile_command,
    export,
    run,
    validate,
    profile,
    compare,
    inspect,
    flash,
    targets,
    doctor,
)
"""In the order of use."""

for command in COMMANDS:
    main.add_command(command)


if __name__ == "__main__":
    main()
