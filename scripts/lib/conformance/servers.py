"""Starts servers as processes of their own, waits until they answer, and ends them."""
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process=None, seconds=30):
    """Returns when something answers on the port. Ends the test if the process ends before, or if it takes too long."""
    end = time.time() + seconds
    while time.time() < end:
        if process and process.poll() is not None:
            sys.exit(f"a server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


@contextlib.contextmanager
def server(command, port, env=None, log=None):
    """Runs the command while the block runs. At the block's end it is killed, with all processes that it started."""
    out = open(log, "wb") if log else subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(port, process)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
