"""How gunicorn serves either program of the pair. Used as `gunicorn -c python:sandbox_idp.gunicorn_conf …`.

Threads are many because a wait in a scenario holds one. The control socket is off: both programs would share its path.
"""

from __future__ import annotations

import gc
import importlib
import os
import signal
import threading
from typing import Any

from sandbox_idp.servers import LIFELINE, MODULE, ServerSettings

_settings = ServerSettings.from_environment(os.environ)

worker_class = "gthread"
workers = _settings.workers
threads = _settings.threads
control_socket_disable = True
# Longer than any client keeps an idle connection, so that the client and never the server drops it: a request that is
# written into a connection just being closed cannot be told from a failure.
keepalive = 30
graceful_timeout = 2
worker_connections = 4096


def on_starting(_server: Any) -> None:
    """Import the program once, before the workers are forked: they start sooner and share the memory.

    A program that has a function `before_workers` reads there what all of them need. Nothing of this is garbage: a look
    for some takes a sixth of the time meanwhile, and the marks that a later one leaves would undo the sharing.
    """
    module = os.environ.get(MODULE)
    if module:
        gc.disable()
        program = importlib.import_module(module)
        getattr(program, "before_workers", lambda: None)()
        gc.freeze()
        gc.enable()


def when_ready(_server: Any) -> None:
    """Stop when whoever started us is gone, however it went: its end of the lifeline then reads as closed."""
    lifeline = os.environ.get(LIFELINE)
    if lifeline:
        threading.Thread(target=_stop_at_end_of, args=(int(lifeline),), daemon=True).start()


def _stop_at_end_of(lifeline: int) -> None:
    os.read(lifeline, 1)
    os.kill(os.getpid(), signal.SIGTERM)
