"""What is wrong with a log, row by row, in words that whoever exported it can act on."""

from dataclasses import dataclass
from typing import Final

from router.policy.problem import shown

PROBLEMS_SHOWN: Final = 100
"""Most problems that are told one by one; the rest is counted."""


@dataclass(frozen=True, slots=True, order=True)
class RowProblem:
    """Something wrong in one row: the line of the file, from 1; 0 is the whole file."""

    line: int
    column: str
    value: str
    message: str

    def __str__(self) -> str:
        """`17: q_time = "-4": must not be negative`."""
        text = f"{self.line}: " if self.line else ""
        if self.column:
            text += f"{self.column} = {shown(self.value)}: "
        return text + self.message


class LogInvalid(ValueError):
    """The log cannot be used as it is.

    `problems` has the first hundred in the order of the file, `count` says how many
    there are, and `rows` in how many rows.
    """

    def __init__(
        self, file: str, problems: list[RowProblem], count: int = 0, rows: int = 0
    ) -> None:
        """Refuse `file` for `problems`."""
        self.file = file
        self.problems = problems[:PROBLEMS_SHOWN]
        self.count = max(count, len(problems))
        self.rows = rows
        super().__init__(file, problems)

    def __str__(self) -> str:
        """One line a problem, and a count when there are more."""
        lines = [
            f"{self.file}:{problem}" if problem.line else f"{self.file}: {problem}"
            for problem in self.problems
        ]
        more = self.count - len(self.problems)
        if more > 0:
            lines.append(f"{self.file}: and {more} more problems")
        if self.rows:
            noun = "row is" if self.rows == 1 else "rows are"
            lines.append(
                f"{self.file}: {self.rows} {noun} wrong; --lenient leaves such rows out"
            )
        return "\n".join(lines)


def refusal(file: str, message: str, line: int = 0) -> LogInvalid:
    """The refusal of a whole file for one reason."""
    return LogInvalid(file, [RowProblem(line, "", "", message)])
