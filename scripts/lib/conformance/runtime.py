"""Runs the packaged function in AWS's Runtime Interface Emulator, as Lambda would."""
import contextlib
import glob
import http.client
import json
import os

from servers import free_port, server


def emulator_binary():
    """The emulator comes with AWS's SAM command line, which scripts/conformance installs."""
    found = glob.glob(".build-conformance/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64")
    return os.path.abspath(found[0])


@contextlib.contextmanager
def function(task, variables, timeout=300, log=None):
    """Runs the function of the folder `task` with these environment variables. Yields invoke(event), which sends an event
    and returns the HTTP status and the answer's bytes. The emulator's process is invoke.process."""
    port, api = free_port(), free_port()
    command = [
        emulator_binary(), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{api}", os.path.join(task, "bootstrap"),
    ]
    env = {**variables, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout), "LAMBDA_TASK_ROOT": task}
    with server(command, port, env=env, log=log) as process:

        def invoke(event, wait=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait or timeout + 30)
            body = event if isinstance(event, (bytes, bytearray)) else json.dumps(event).encode()
            connection.request("POST", "/2015-03-31/functions/function/invocations", body)
            response = connection.getresponse()
            return response.status, response.read()

        invoke.process = process
        yield invoke


def resident_megabytes(emulator):
    """The memory of the function that this emulator runs; `emulator` is the emulator's process id."""
    for path in glob.glob("/proc/[0-9]*/status"):
        with contextlib.suppress(OSError):
            lines = dict(line.split(":", 1) for line in open(path) if ":" in line)
            if lines["Name"].strip() == "bootstrap" and int(lines["PPid"]) == emulator:
                return int(lines["VmRSS"].split()[0]) / 1024
    return 0
