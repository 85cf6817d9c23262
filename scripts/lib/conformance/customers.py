"""The part customers: the customer sync writes to moto's DynamoDB with the role that the template gives it, and boto3 reads
the table back."""
import json
import os
import urllib.request

from checks import check
from runtime import function
from stack import allow_everything, client, deploy, moto, require_signatures, template_policy
from world import sandbox

# What only says when a row was written.
OF_THE_WRITE = ("last_intercom_sync", "days_since_seen")


class Account:
    """An AWS account in moto with the stack in it, and credentials of the sync's role."""

    def __init__(self, endpoint):
        self.endpoint = endpoint
        resources = deploy(endpoint)
        self.customers, self.metrics = resources["CustomersTable"], resources["MetricsTable"]
        self.role = resources["CustomerSyncRole"]
        self.iam = client("iam", endpoint)
        self.document, self.policy = template_policy(self.iam, self.role, "sync")
        arn = self.iam.get_role(RoleName=self.role)["Role"]["Arn"]
        self.credentials = client("sts", endpoint).assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
        require_signatures(endpoint)

    def variables(self, base, folder, table=None, state=None):
        return {
            **base, "ENVIRONMENT": "test", "CUSTOMERS_TABLE": table or self.customers,
            "METRICS_TABLE": state or self.metrics, "OUTPUT_DIR": folder, "AWS_ENDPOINT_URL": self.endpoint,
            "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint, "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self.credentials["SessionToken"], "LOG_LEVEL": "error", "_HANDLER": "customer_sync",
        }

    def rows(self, table=None):
        """The customers by address. Reading them is the test's own affair, not the role's."""
        allow_everything(self.endpoint)
        pages = client("dynamodb", self.endpoint).get_paginator("scan").paginate(TableName=table or self.customers)
        found = {item["email"]["S"]: item for page in pages for item in page["Items"]}
        require_signatures(self.endpoint)
        return found

    def another_table(self, name, keys):
        allow_everything(self.endpoint)
        client("dynamodb", self.endpoint).create_table(
            TableName=name, BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
            KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))])
        require_signatures(self.endpoint)

    def put(self, item):
        allow_everything(self.endpoint)
        client("dynamodb", self.endpoint).put_item(TableName=self.customers, Item=item)
        require_signatures(self.endpoint)

    def replace_policy(self, name, document):
        """The role has only this policy from now on."""
        allow_everything(self.endpoint)
        self.iam.detach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        self.policy = self.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        require_signatures(self.endpoint)


def said(rows):
    """The rows that are customers, without what depends on the instant of the write. Sets have no order."""
    kept = {}
    for email, item in rows.items():
        if "intercom_deleted_at" not in item:
            kept[email] = {
                name: {"SS": sorted(value["SS"])} if "SS" in value else value
                for name, value in item.items() if name not in OF_THE_WRITE and name != "note"}
    return kept


def change(url):
    urllib.request.urlopen(urllib.request.Request(url + "/customers/change", b"", method="POST")).read()


def least_privilege(task, account, variables):
    """Takes each action away from the role in turn. The run that misses it has to say so."""
    print("== the role of the sync allows nothing that a run does not need")
    places = {"dynamodb:Scan": "Customers", "dynamodb:GetItem": "MetricsLockAndState", "dynamodb:PutItem": "MetricsLockAndState"}
    for action, place in places.items():
        reduced = json.loads(json.dumps(account.document))
        for statement in reduced["Statement"]:
            if statement.get("Sid") == place:
                statement["Action"] = [a for a in statement["Action"] if a != action]
        account.replace_policy(f"sync-without-{action.replace(':', '-')}", reduced)
        with function(task, variables) as invoke:
            body = invoke({"full": True})[1]
        check(b"AccessDenied" in body, f"{action} is used: without it a sync is refused", body[:300])


def customers(task, folder):
    print("== the customer sync: DynamoDB, signatures and policy checked by moto")
    with moto(folder) as endpoint, sandbox(folder) as (base, url):
        account = Account(endpoint)
        variables = account.variables(base, os.path.join(folder, "customers"))
        with function(task, variables) as invoke:
            first = json.loads(invoke({"full": True})[1])
        check(first.get("status") == "succeeded" and first.get("mode") == "full", "a full sync succeeds", str(first)[:600])
        rows = account.rows()
        check(len(rows) == first["new_contacts"] > 100, "boto3 reads every new customer back", f"{len(rows)}")
        paying = [row for row in rows.values() if "mrr" in row]
        check(paying and all("N" in row["mrr"] and "S" in row["revenue_basis"] for row in paying), "with typed revenue")
        check(all("mrr" not in row for row in rows.values() if row["revenue_basis"]["S"] == "none"),
              "and none where there is no Stripe data")

        # Another source's attribute survives what the sync writes.
        email = sorted(rows)[0]
        account.put({**rows[email], "note": {"S": "of another source"}})
        change(url)
        with function(task, variables) as invoke:
            second = json.loads(invoke({})[1])
        check(second.get("status") == "succeeded" and second.get("mode") == "incremental", "then what changed",
              str(second)[:600])
        found = account.rows()
        check(found[email].get("note", {}).get("S") == "of another source", "another source's attribute stays")

        account.another_table("truth", ["email"])
        account.another_table("truth-state", ["pk", "sk"])
        with function(task, account.variables(base, folder, "truth", "truth-state")) as invoke:
            third = json.loads(invoke({"full": True})[1])
        check(third.get("status") == "succeeded", "a full sync into an empty table succeeds", str(third)[:600])
        here, there = said(found), said(account.rows("truth"))
        check(here == there, "has the same rows as the incremental one",
              str({k: (here.get(k), there.get(k)) for k in set(here) | set(there) if here.get(k) != there.get(k)})[:900])
        least_privilege(task, account, variables)
