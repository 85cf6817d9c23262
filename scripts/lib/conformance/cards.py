"""The part cards: the business metrics with the role that the template gives them, against moto's S3 and DynamoDB, and a
setup token that goes into moto's Secrets Manager."""
import base64
import datetime
import json
import os
import subprocess

from checks import check
from runtime import function
from stack import allow_everything, client, deploy, moto, require_signatures, template_policy
from world import HEALTHSCORE, sandbox


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


class Account:
    """An AWS account in moto with the stack in it, and credentials of the job's role."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        resources = deploy(endpoint)
        self.bucket, self.metrics = resources["ReportsBucket"], resources["MetricsTable"]
        self.role = resources["BusinessMetricsRole"]
        self.iam = client("iam", endpoint)
        self.document, self.policy = template_policy(self.iam, self.role, "cards")
        arn = self.iam.get_role(RoleName=self.role)["Role"]["Arn"]
        self.credentials = client("sts", endpoint).assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
        require_signatures(endpoint)

    def variables(self, base, folder):
        return {
            **base, "ENVIRONMENT": "test", "METRICS_TABLE": self.metrics, "REPORTS_BUCKET": self.bucket,
            "OUTPUT_DIR": folder, "AWS_ENDPOINT_URL": self.endpoint, "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self.credentials["SessionToken"], "LOG_LEVEL": "error", "_HANDLER": "business_metrics",
        }

    def put(self, key, text):
        allow_everything(self.endpoint)
        client("s3", self.endpoint).put_object(Bucket=self.bucket, Key=key, Body=text.encode())
        require_signatures(self.endpoint)

    def keys(self):
        allow_everything(self.endpoint)
        found = client("s3", self.endpoint).list_objects_v2(Bucket=self.bucket).get("Contents", [])
        require_signatures(self.endpoint)
        return {item["Key"] for item in found}

    def items(self):
        allow_everything(self.endpoint)
        found = client("dynamodb", self.endpoint).scan(TableName=self.metrics)["Items"]
        require_signatures(self.endpoint)
        return {item["pk"]["S"]: item for item in found}

    def replace_policy(self, name, document):
        """The role has only this policy from now on."""
        allow_everything(self.endpoint)
        self.iam.detach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        self.policy = self.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        require_signatures(self.endpoint)


def card(answer, name):
    return next(card for card in answer["cards"] if card["id"] == name)


def least_privilege(task, account, variables):
    """Takes each action away from the role in turn. The run that misses it has to say so."""
    print("== the role of the business metrics allows nothing that a run does not need")
    for action, place in (
            ("dynamodb:GetItem", "MetricsLockAndRequestCount"), ("dynamodb:PutItem", "MetricsLockAndRequestCount"),
            ("s3:PutObject", "Reports"), ("s3:GetObject", "Reports"), ("s3:GetObject", "FilesOfPeople")):
        reduced = json.loads(json.dumps(account.document))
        for statement in reduced["Statement"]:
            if statement.get("Sid") == place:
                actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                statement["Action"] = [a for a in actions if a != action] or ["s3:GetBucketAcl"]
        account.replace_policy(f"cards-without-{action.replace(':', '-')}-{place}", reduced)
        with function(task, variables) as invoke:
            body = invoke({"cards": ["cash_position", "cost_per_mql"]})[1]
        check(b"AccessDenied" in body, f"{action} ({place}) is used: without it a run says so", body[:300])


def claim(account, url):
    """A setup token's access URL goes into the deployment's secret and leaves its other keys alone."""
    token = base64.b64encode(f"{url}/simplefin/claim/conformance".encode()).decode()
    allow_everything(account.endpoint)
    secrets = client("secretsmanager", account.endpoint)
    before = json.loads(secrets.get_secret_value(SecretId="credentials")["SecretString"])
    environment = {
        "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": account.endpoint, "AWS_ACCESS_KEY_ID": "admin",
        "AWS_SECRET_ACCESS_KEY": "admin", "AWS_REGION": "eu-west-1", "NO_PROXY": "127.0.0.1"}

    def run(secret):
        return subprocess.run(
            [HEALTHSCORE, "simplefin", "claim", "-", "--secret", secret], input=token + "\n", text=True,
            capture_output=True, env=environment)

    missing = run("nothing")
    check(missing.returncode == 1 and "create the secret first" in missing.stderr, "a secret that is not there costs no token",
          missing.stderr)
    done = run("credentials")
    after = json.loads(secrets.get_secret_value(SecretId="credentials")["SecretString"])
    access = after.pop("SIMPLEFIN_ACCESS_URL", "")
    check(done.returncode == 0 and access.endswith("/simplefin/feed") and "@" in access, "the access URL is in the secret",
          done.stderr)
    check(after == before and access not in done.stdout + done.stderr, "beside what was there, and nowhere else")
    require_signatures(account.endpoint)


def cards(task, folder):
    print("== the business metrics: S3, DynamoDB, signatures and policy checked by moto")
    with moto(folder) as endpoint, sandbox(folder) as (base, url):
        account = Account(endpoint)
        variables = account.variables(base, os.path.join(folder, "cards"))
        with function(task, variables) as invoke:
            first = json.loads(invoke({})[1])
        counts = first.get("counts", {})
        # No ad spend, and a table that the warehouse does not have.
        check(first.get("status") == "succeeded" and counts == {"ok": 14, "blocked": 2}, "a refresh succeeds", str(first)[:600])
        day = first["date"]
        check({f"reports/cards_{day}.json", f"reports/cards_{day}.csv"} <= account.keys(), "its files are in the bucket")
        items = account.items()
        check(items[f"business_metrics#{day}"]["counts"]["M"]["ok"]["N"] == "14", "its item is in the table")
        check(len(items["business_metrics#requests"]["requests"]["L"]) == 1, "SimpleFIN's requests are counted there")

        spend = "spend_date,channel,account,campaign,amount,currency,note\n"
        account.put("ad_spend/sample.csv", f"{spend}{today() - datetime.timedelta(days=3)},meta,Main,Brand,100.50,USD,\n")
        account.put("targets.yaml", "open_tickets: { operator: \"<=\", value: 1 }\n")
        # Another machine, which has none of the files.
        other = account.variables(base, os.path.join(folder, "cards-elsewhere"))
        with function(task, other) as invoke:
            second = json.loads(invoke({"cards": ["cost_per_mql", "open_tickets"]})[1])
        check(card(second, "cost_per_mql")["state"] == "ok", "ad spend in the bucket is read", str(second)[:600])
        check(card(second, "open_tickets")["target_status"] == "missed", "so are the targets")
        check(card(second, "cash_position") == card(first, "cash_position"), "and the cards of the run before")
        claim(account, url)
        least_privilege(task, account, other)
