"""The process in which a peer runs: ``python -m stfrag.bench.worker``.

It reads requests from its standard input and writes answers to its standard output. Every peer has a process of its
own, so that one that crashes takes nothing else with it, and threads and memory that are counted are its own.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from typing import Any

from .messages import read_message, write_message


def _serve() -> None:
    # What peers print goes to stderr, which the parent shows if something is wrong; their standard input is empty.
    requests, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(2, 1)
    from . import tasks

    while True:
        try:
            name, arguments = read_message(requests)
        except EOFError:
            return
        write_message(answers, _answer(getattr(tasks, name), arguments))


def _answer(function: Callable[..., Any], arguments: dict[str, Any]) -> tuple[str, Any]:
    from .job import NotApplicable
    from .peers.base import Missing

    try:
        return "ok", function(**arguments)
    except NotApplicable as error:
        return "not applicable", str(error)
    except Missing as error:
        return "missing", str(error)
    except MemoryError:
        return "failed", "not enough memory"
    except Exception as error:
        if os.environ.get("STFRAG_DEBUG"):
            traceback.print_exc()
        return "failed", f"{type(error).__name__}: {' '.join(str(error).split()) or 'no message'}"


if __name__ == "__main__":
    _serve()
