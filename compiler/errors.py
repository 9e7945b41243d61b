# SPDX-License-Identifier: Apache-2.0
"""Every failure a user can cause, each with the exit status the command line ends in.

A message is one line: where, what was got, what was wanted, what to do.
"""

from __future__ import annotations


class NetsukeError(Exception):
    """Base of all errors that end in one line instead of a traceback.

    Parameters are the parts of that line; `got`, `want` and `hint` may be empty.
    """

    exit_status = 2

    def __init__(self, where: str, got: str = "", want: str = "", hint: str = "") -> None:
        self.where, self.got, self.want, self.hint = where, got, want, hint
        super().__init__(str(self))

    def __str__(self) -> str:
        parts = [f"got {self.got}" if self.got else "", f"want {self.want}" if self.want else ""]
        body = ", ".join(part for part in parts if part)
        line = f"{self.where}: {body}" if body else self.where
        return f"{line} (hint: {self.hint})" if self.hint else line


class InputError(NetsukeError):
    """A file, model or option that cannot be used: exit status 2."""


class AnswerNo(NetsukeError):
    """The command worked and its answer is no (mismatch, over budget): exit status 1."""

    exit_status = 1


class ToolError(NetsukeError):
    """A tool or a board is missing, failed or stopped answering: exit status 3."""

    exit_status = 3


class ModelErrors(InputError):
    """Every problem found in one model, reported together.

    `problems` holds one line for each, in the order of the operators.
    """

    def __init__(self, where: str, problems: tuple[str, ...]) -> None:
        self.problems = problems
        super().__init__(f"{where}: {'; '.join(problems)}")
