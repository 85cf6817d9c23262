"""The part lint: holds the CloudFormation template against cfn-lint and against rules of our own. It runs no function."""
import subprocess

from checks import check
from template import TEMPLATE, load


def lint(_task, _folder):
    print("== cfn-lint")
    result = subprocess.run(
        [".build-conformance/bin/cfn-lint", "--include-checks", "I", "--", TEMPLATE], capture_output=True, text=True)
    check(result.returncode == 0, "clean with all rules", result.stdout)
    template = load()
    text = open(TEMPLATE, encoding="utf-8").read()
    # scripts/deploy uploads it; what is sent with the call may have 51,200 bytes.
    check(len(text.encode()) <= 1_000_000, "short enough to be deployed from a bucket", f"{len(text.encode())} bytes")
    check("arn:aws:" not in text, "no partition is written down")
    for kind in ("Parameters", "Outputs"):
        check(all(item.get("Description") for item in template[kind].values()), f"every one of {kind} is described")
    limits = ("AllowedPattern", "AllowedValues", "MinValue")
    loose = [name for name, item in template["Parameters"].items() if not any(limit in item for limit in limits)]
    check(not loose, "every parameter is constrained", str(loose))
    resources = template["Resources"]
    alarms = [r for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    check(all(len(alarm["Properties"]["AlarmDescription"]) > 60 for alarm in alarms), "every alarm says what to do")
    # Resources that stay when a stack is deleted must not conflict with the next stack.
    names = ("TableName", "LogGroupName", "BucketName", "QueueName")
    fixed = [
        f"{logical}.{name}" for logical, r in resources.items() for name in names
        if r.get("DeletionPolicy", "Delete") != "Delete" and "NoValue" not in str(r["Properties"].get(name, "NoValue"))]
    check(not fixed, "what outlives the stack has a generated name", str(fixed))
    handlers = {r["Properties"]["Handler"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"}
    check(handlers == {"health_score", "customer_sync", "business_metrics"}, "every job that there is is deployed", str(handlers))
