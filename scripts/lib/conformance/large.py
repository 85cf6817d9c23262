"""The part large: 20,000 accounts, whose results are longer than Lambda lets an answer be."""
import json
import os

from checks import check
from runtime import function
from world import PERIOD, large_config, sandbox


def large(task, folder):
    print("== an answer too large for Lambda")
    config = large_config(folder, 20000)
    with sandbox(folder, "--accounts", "20000", "--conversations", "1") as (variables, _):
        # One source is enough for 20,000 results.
        only = {name: value for name, value in variables.items() if not name.startswith(("INTERCOM_", "JIRA_", "SF_"))}
        only.update({"CONFIG_DIR": config, "OUTPUT_DIR": os.path.join(folder, "large"), "LOG_LEVEL": "error"})
        with function(task, only) as invoke:
            _, body = invoke({"dry_run": True, "period": PERIOD})
            answer = json.loads(body)
            check(
                answer.get("accounts", {}).get("total") == 20000 and "results" not in answer and len(body) < 6_291_556,
                f"is shortened ({len(body)} bytes for 20,000 accounts)", body[:300])
            check(any("too long" in warning for warning in answer.get("warnings", [])), "and says so")
            stored = os.path.join(folder, "large", f"run_{PERIOD}.json")
            check(os.path.getsize(stored) > 6_291_556, "the stored one has it all")
