"""The part cards: the business metrics with the role that the template gives them, against moto's S3 and DynamoDB, and a
setup token that goes into moto's Secrets Manager."""
import base64
import datetime
import json
import os
import subprocess

from account import Account
from checks import check
from runtime import function
from stack import moto
from world import HEALTHSCORE, sandbox


def today():
    return datetime.datetime.now(datetime.timezone.utc).date()


def card(answer, name):
    return next(card for card in answer["cards"] if card["id"] == name)


def least_privilege(task, account, environment):
    """Takes each action away from the role in turn. The run that misses it has to say so."""
    print("== the role of the business metrics allows nothing that a run does not need")
    for action, place in (
            ("dynamodb:GetItem", "MetricsLockAndRequestCount"), ("dynamodb:PutItem", "MetricsLockAndRequestCount"),
            ("s3:PutObject", "Reports"), ("s3:GetObject", "Reports"), ("s3:GetObject", "FilesOfPeople")):
        account.take_away(action, place, "cards")
        with function(task, environment) as invoke:
            body = invoke({"cards": ["cash_position", "cost_per_mql"]})[1]
        check(b"AccessDenied" in body, f"{action} ({place}) is used: without it a run says so", body[:300])


def claim(account, url):
    """A setup token's access URL goes into the deployment's secret and leaves its other keys alone."""
    token = base64.b64encode(f"{url}/simplefin/claim/conformance".encode()).decode()

    def stored():
        return json.loads(account.unchecked(
            lambda aws: aws("secretsmanager").get_secret_value(SecretId="credentials"))["SecretString"])

    before = stored()
    environment = {
        "PATH": os.environ["PATH"], "AWS_ENDPOINT_URL": account.endpoint, "AWS_ACCESS_KEY_ID": "admin",
        "AWS_SECRET_ACCESS_KEY": "admin", "AWS_REGION": "eu-west-1", "NO_PROXY": "127.0.0.1"}

    def run(secret):
        return account.unchecked(lambda _: subprocess.run(
            [HEALTHSCORE, "simplefin", "claim", "-", "--secret", secret], input=token + "\n", text=True,
            capture_output=True, env=environment))

    missing = run("nothing")
    check(missing.returncode == 1 and "create the secret first" in missing.stderr, "a secret that is not there costs no token",
          missing.stderr)
    done = run("credentials")
    after = stored()
    access = after.pop("SIMPLEFIN_ACCESS_URL", "")
    check(done.returncode == 0 and access.endswith("/simplefin/feed") and "@" in access, "the access URL is in the secret",
          done.stderr)
    check(after == before and access not in done.stdout + done.stderr, "beside what was there, and nowhere else")


def cards(task, folder):
    print("== the business metrics: S3, DynamoDB, signatures and policy checked by moto")
    with moto(folder) as endpoint, sandbox(folder) as (base, url):
        account = Account(endpoint, "BusinessMetricsRole", "cards")
        bucket, table = account.resources["ReportsBucket"], account.resources["MetricsTable"]

        def environment(name):
            return account.variables(
                base, "business_metrics", METRICS_TABLE=table, REPORTS_BUCKET=bucket, OUTPUT_DIR=os.path.join(folder, name))

        def put(key, text):
            account.unchecked(lambda aws: aws("s3").put_object(Bucket=bucket, Key=key, Body=text.encode()))

        with function(task, environment("cards")) as invoke:
            first = json.loads(invoke({})[1])
        counts = first.get("counts", {})
        # No ad spend, and a table that the warehouse does not have.
        check(first.get("status") == "succeeded" and counts == {"ok": 14, "blocked": 2}, "a refresh succeeds", str(first)[:600])
        day = first["date"]
        keys = {item["Key"] for item in account.unchecked(lambda aws: aws("s3").list_objects_v2(Bucket=bucket))["Contents"]}
        check({f"reports/cards_{day}.json", f"reports/cards_{day}.csv"} <= keys, "its files are in the bucket")
        found = account.unchecked(lambda aws: aws("dynamodb").scan(TableName=table))["Items"]
        items = {item["pk"]["S"]: item for item in found}
        check(items[f"business_metrics#{day}"]["counts"]["M"]["ok"]["N"] == "14", "its item is in the table")
        check(len(items["business_metrics#requests"]["requests"]["L"]) == 1, "SimpleFIN's requests are counted there")

        spend = "spend_date,channel,account,campaign,amount,currency,note\n"
        put("ad_spend/sample.csv", f"{spend}{today() - datetime.timedelta(days=3)},meta,Main,Brand,100.50,USD,\n")
        put("targets.yaml", "open_tickets: { operator: \"<=\", value: 1 }\n")
        # Another machine, which has none of the files.
        with function(task, environment("cards-elsewhere")) as invoke:
            second = json.loads(invoke({"cards": ["cost_per_mql", "open_tickets"]})[1])
        check(card(second, "cost_per_mql")["state"] == "ok", "ad spend in the bucket is read", str(second)[:600])
        check(card(second, "open_tickets")["target_status"] == "missed", "so are the targets")
        check(card(second, "cash_position") == card(first, "cash_position"), "and the cards of the run before")
        claim(account, url)
        least_privilege(task, account, environment("cards-elsewhere"))
