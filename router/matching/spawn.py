"""Starting and ending the solver's process: its program, its line, its shared memory.

A matter of processes only; which round goes where is `worker`'s business. It must never
hand down more than the two descriptors the process needs.
"""

import os
import socket
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from router.matching.wire import Arena

# The child is told where the package lies, so that it runs the parent's very release.
_PROGRAM: Final = (
    "import sys; sys.path.insert(0, sys.argv[1]); "
    "from router.matching.child import main; main(int(sys.argv[2]), int(sys.argv[3]))"
)


@dataclass(frozen=True, slots=True)
class Child:
    """A running solver process and our two ways to it."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    """Our end, non-blocking: requests out, replies in, end of file when it dies."""
    arena: Arena

    @classmethod
    def spawn(cls) -> "Child":
        """Start the program; it loads while we go on. Raises OSError if it cannot."""
        ours, theirs = socket.socketpair()
        arena = Arena.create()
        home = Path(__file__).resolve().parents[2]
        fds = (theirs.fileno(), arena.fd)
        try:
            # Not multiprocessing: its spawn runs the caller's main module once more in
            # the child, and with it gRPC and half of the service.
            process = subprocess.Popen(
                [sys.executable, "-P", "-c", _PROGRAM, str(home), *map(str, fds)],
                stdin=subprocess.DEVNULL,
                pass_fds=fds,
                # NumPy's thread pool is of no use to the solver and slows its start.
                env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
            )
        except OSError:
            ours.close()
            arena.close()
            raise
        finally:
            theirs.close()
        ours.setblocking(False)
        return cls(process, ours, arena)

    def end(self) -> None:
        """Kill the process and leave nothing of it behind.

        It keeps nothing from round to round, so it needs no farewell.
        """
        self.line.close()
        self.arena.close()
        self.process.kill()
        self.process.wait()
