"""The part aws: the function writes to moto's DynamoDB and S3, with the role that the template gives it. moto checks the
signatures and the policy of every call."""
import json
import os
import time

from account import Account
from checks import check
from runtime import function
from stack import client, moto
from world import PERIOD, sandbox


class JobAccount(Account):
    """The account with the role of the health score."""

    def __init__(self, endpoint, folder):
        super().__init__(endpoint, "JobRole", "job")
        self.folder = folder
        self.bucket, self.table = self.resources["ReportsBucket"], self.resources["MetricsTable"]

    def environment(self, base, output, **own):
        """`base` leads to the vendors, `output` names the run's folder."""
        return self.variables(
            base, "health_score", REPORTS_BUCKET=self.bucket, METRICS_TABLE=self.table,
            OUTPUT_DIR=os.path.join(self.folder, output), **own)

    def items(self):
        """What the table holds."""
        return self.unchecked(lambda aws: aws("dynamodb").scan(TableName=self.table))["Items"]


def without_ids(answer):
    """The answer without the values that differ between two runs of the same month."""
    kept = {k: v for k, v in answer.items() if k not in ("run_id", "duration_seconds", "csv", "snapshot")}
    kept["sources"] = {
        name: {k: v for k, v in source.items() if k not in ("seconds",)} for name, source in answer["sources"].items()}
    return kept


def live_run(task, account, base, own):
    """The function's answer and what it leaves in the table. `own` is its answer without AWS."""
    with function(task, account.environment(base, "aws")) as invoke:
        answer = json.loads(invoke({"period": PERIOD})[1])
    check(answer.get("status") == "succeeded", "a live run succeeds", str(answer)[:400])
    here, there = without_ids(answer), without_ids(own)
    check(here == there, "with the answer that it has in our own sandbox",
          str({k: (v, there.get(k)) for k, v in here.items() if there.get(k) != v})[:600])
    found = account.items()
    runs = [item for item in found if item["sk"]["S"] != "lock"]
    check(len(runs) == 1, "one item a run")
    item = runs[0] if runs else {}
    check(item.get("pk", {}).get("S") == f"health_score#{PERIOD}", "under its month")
    check(item.get("sk", {}).get("S", "").endswith("#" + answer["run_id"]), "and its id")
    check(int(item.get("expires_at", {}).get("N", "0")) > time.time(), "with a time to live")
    scored = item.get("accounts", {}).get("M", {}).get("scored", {}).get("N")
    check(scored == str(answer["accounts"]["scored"]), "with its counts")
    role = client("dynamodb", account.endpoint, **{
        "key": account.credentials["AccessKeyId"], "secret": account.credentials["SecretAccessKey"],
        "token": account.credentials["SessionToken"]})
    try:
        role.scan(TableName=account.table)
        check(False, "the role can't read the table")
    except role.exceptions.ClientError as error:
        check("AccessDenied" in str(error), "the role can't read the table", str(error))
    lock = [item for item in found if item["sk"]["S"] == "lock"]
    check(lock and int(lock[0]["expires_at"]["N"]) <= time.time(), "the month is free again")


def wrong_secret(task, account, base, own):
    """DynamoDB refuses the function's signature. The run goes on and says so."""
    with function(task, account.environment(base, "wrong", AWS_SECRET_ACCESS_KEY="wrong")) as invoke:
        answer = json.loads(invoke({"period": PERIOD, "dry_run": True})[1])
    check(answer.get("accounts", {}).get("scored") == own["accounts"]["scored"], "a wrong secret fails no run", str(answer)[:300])
    check(
        any("metrics were not recorded" in warning and "SignatureDoesNotMatch" in warning for warning in answer["warnings"]),
        "but is named in its warnings", str(answer["warnings"])[:400])


def least_privilege(task, account, base):
    """Takes each action away from the role in turn. The run that misses it has to say so."""
    print("== the role allows nothing that a run does not need")
    for action in ("dynamodb:PutItem", "s3:PutObject", "dynamodb:UpdateItem"):
        reduced = json.loads(json.dumps(account.document))
        for statement in reduced["Statement"]:
            actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
            statement["Action"] = [a for a in actions if a != action] or ["none:None"]
        account.replace_policy(f"without-{action.replace(':', '-')}", reduced)
        log = os.path.join(account.folder, "reduced.log")
        with function(task, {**account.environment(base, "reduced"), "LOG_LEVEL": "warning"}, log=log) as invoke:
            body = invoke({"period": PERIOD})[1]
        check(b"AccessDenied" in body or "AccessDenied" in open(log, errors="replace").read(),
              f"{action} is used: without it a run is refused", body[:300])


def aws(task, folder):
    print("== DynamoDB and S3, signatures and policy checked by moto")
    with moto(folder) as endpoint:
        account = JobAccount(endpoint, folder)
        with sandbox(folder) as (base, _):
            with function(task, {**base, "OUTPUT_DIR": os.path.join(folder, "own"), "LOG_LEVEL": "error"}) as invoke:
                own = json.loads(invoke({"period": PERIOD})[1])
        with sandbox(folder) as (base, _):
            live_run(task, account, base, own)
            wrong_secret(task, account, base, own)
            least_privilege(task, account, base)
