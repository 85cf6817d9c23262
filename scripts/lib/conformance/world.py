"""The invented world of healthscore's sandbox: its vendors, its accounts, and the month that is scored."""
import contextlib
import os
import shutil
import subprocess
import time

from servers import free_port, server

HEALTHSCORE = os.path.join(os.getcwd(), ".build/debug/healthscore")


def last_month():
    """The month before this one, as 2026-01."""
    now = time.gmtime()
    return f"{now.tm_year - (now.tm_mon == 1)}-{(now.tm_mon - 2) % 12 + 1:02}"


# Every part scores the same month, even if the test runs over midnight.
PERIOD = last_month()


@contextlib.contextmanager
def sandbox(folder, *options):
    """Runs the invented vendors. Yields the environment that leads a function to them, and their URL."""
    port, log = free_port(), os.path.join(folder, f"sandbox-{time.time_ns()}.log")
    with server([HEALTHSCORE, "sandbox", "--port", str(port), *options], port, log=log):
        # It prints the environment once it serves, and the call by curl last.
        end = time.time() + 30
        while "curl -d" not in open(log).read() and time.time() < end:
            time.sleep(0.05)
        variables = {}
        for line in open(log):
            if line.startswith("export "):
                name, _, value = line[len("export "):].strip().partition("=")
                variables[name] = value.strip("'")
        yield {**variables, "PATH": os.environ["PATH"]}, f"http://127.0.0.1:{port}"


def large_config(folder, accounts):
    """A copy of config/ whose mapping has that many invented accounts. Returns its folder."""
    target = os.path.join(folder, f"config-{accounts}")
    if not os.path.exists(target):
        shutil.copytree("config", target)
        mapping = os.path.join(target, "account_mapping.csv")
        subprocess.run([HEALTHSCORE, "sandbox", "--accounts", str(accounts), "--write-mapping", mapping], check=True)
    return target
