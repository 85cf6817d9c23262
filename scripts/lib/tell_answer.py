"""Prints the function's answer to a dry run for the person who deploys.

    python3 scripts/lib/tell_answer.py FILE

FILE holds the answer as JSON. The counts, the sources and the warnings go to standard output. If the run did not succeed,
the causes go to standard error and the exit status is 3. If FILE holds no answer of a run, Python ends with status 1.
scripts/deploy calls it.
"""
import json
import sys


def causes(answer):
    """Why the run was partial: a line for each source, each of the first ten accounts, and the number of the others."""
    lines = [
        f"{name} {source['status']}: {source.get('error', 'the answer does not say why')}"
        for name, source in sorted(answer["sources"].items()) if source["status"] not in ("succeeded", "inactive")]
    failures = answer.get("failures", [])
    lines += [f"{each['account_name']} ({each['account_id']}), {each['stage']}: {each['error']}" for each in failures[:10]]
    more = answer.get("failures_total", len(failures)) - len(failures[:10])
    if more > 0:
        lines.append(f"and {more} more accounts")
    return lines or ["neither a source nor an account; the warnings above say what"]


with open(sys.argv[1]) as file:
    answer = json.load(file)
accounts = answer["accounts"]
print(f"{answer['status']}: {accounts['scored']} of {accounts['total']} accounts scored for {answer['period']}; {answer.get('csv')}")
for name, source in sorted(answer["sources"].items()):
    print(f"  {name}: {source['status']} {source.get('error', '')}".rstrip())
for warning in answer["warnings"]:
    print(f"  warning: {warning}")
if answer["status"] != "succeeded":
    print("What was partial:", file=sys.stderr)
    for cause in causes(answer):
        print(f"  {cause}", file=sys.stderr)
    sys.exit(3)
