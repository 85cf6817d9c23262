"""The part emulator: invokes the function in AWS's emulator with good events, bad ones and very many, with a wrong
configuration, and with vendors that are too slow."""
import json
import os
import shutil
import time

from checks import check
from runtime import function, resident_megabytes
from world import PERIOD, sandbox


def emulator(task, folder):
    print("== Runtime Interface Emulator")
    output = {"OUTPUT_DIR": os.path.join(folder, "emulator"), "LOG_LEVEL": "error"}
    with sandbox(folder) as (variables, _):
        with function(task, {**variables, **output}) as invoke:
            status, body = invoke({"dry_run": True, "period": PERIOD})
            answer = json.loads(body)
            check(status == 200 and answer.get("status") == "succeeded", "an event is answered", body[:300])
            status, body = invoke({"dryrun": True})
            check(json.loads(body).get("errorType") == "Function.InvalidEvent", "a bad event is a function error", body[:300])
            before = None
            begin = time.time()
            for count in range(1000):
                _, body = invoke({"dryrun": True})
                if b"Function.InvalidEvent" not in body:
                    break
                if count == 100:
                    before = resident_megabytes(invoke.process.pid)
            after = resident_megabytes(invoke.process.pid)
            check(count == 999, f"1,000 invocations in one environment ({time.time() - begin:.1f} s)")
            check(0 < after <= before + 2, f"memory stays: {before:.0f} MiB, then {after:.0f} MiB")
            status, body = invoke({"dry_run": True, "period": PERIOD})
            check(json.loads(body).get("status") == "succeeded", "and a run after them")
            status, body = invoke(b"x" * 5_000_000)
            check(json.loads(body).get("errorType") == "Function.InvalidEvent", "5 MB of noise", body[:300])
        broken = os.path.join(folder, "broken")
        shutil.copytree("config", broken)
        open(os.path.join(broken, "weights.yaml"), "a").write("\nunknown: 1\n")
        with function(task, {**variables, **output, "CONFIG_DIR": broken}) as invoke:
            for attempt in ("first", "second"):
                _, body = invoke({"dry_run": True})
                check(
                    json.loads(body).get("errorType") == "Function.InvalidConfiguration" and b"weights.yaml:" in body,
                    f"a wrong configuration is told to the {attempt} caller", body[:300])
    with sandbox(folder, "--latency", "4000") as (variables, _):
        with function(task, {**variables, **output}, timeout=12) as invoke:
            begin = time.time()
            _, body = invoke({"dry_run": True, "period": PERIOD})
            check(b"Task timed out" not in body, f"slow vendors cost their data, not the answer ({time.time() - begin:.1f} of 12 s)", body[:300])
            answer = json.loads(body)
            check(
                answer.get("errorType") == "Function.SourcesUnavailable" and "time is nearly over" in answer["errorMessage"],
                "which says that nothing was read in time", str(answer)[:300])
