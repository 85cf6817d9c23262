"""The part customers: the customer sync writes to moto's DynamoDB with the role that the template gives it, and boto3 reads
the table back."""
import json
import os
import urllib.request

from account import Account
from checks import check
from runtime import function
from stack import moto
from world import sandbox

# What only says when a row was written.
OF_THE_WRITE = ("last_intercom_sync", "days_since_seen")


def variables(account, base, folder, table=None, state=None):
    return account.variables(
        base, "customer_sync", CUSTOMERS_TABLE=table or account.resources["CustomersTable"],
        METRICS_TABLE=state or account.resources["MetricsTable"], OUTPUT_DIR=folder)


def all_rows(account, table=None):
    """The customers by address."""
    def read(aws):
        pages = aws("dynamodb").get_paginator("scan").paginate(TableName=table or account.resources["CustomersTable"])
        return {item["email"]["S"]: item for page in pages for item in page["Items"]}
    return account.unchecked(read)


def another_table(account, name, keys):
    account.unchecked(lambda aws: aws("dynamodb").create_table(
        TableName=name, BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[{"AttributeName": key, "AttributeType": "S"} for key in keys],
        KeySchema=[{"AttributeName": key, "KeyType": kind} for key, kind in zip(keys, ("HASH", "RANGE"))]))


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


def least_privilege(task, account, environment):
    """Takes each action away from the role in turn. The run that misses it has to say so."""
    print("== the role of the sync allows nothing that a run does not need")
    for action, place in (
            ("dynamodb:Scan", "Customers"), ("dynamodb:GetItem", "MetricsLockAndState"), ("dynamodb:PutItem", "MetricsLockAndState")):
        account.take_away(action, place, "sync")
        with function(task, environment) as invoke:
            body = invoke({"full": True})[1]
        check(b"AccessDenied" in body, f"{action} is used: without it a sync is refused", body[:300])


def customers(task, folder):
    print("== the customer sync: DynamoDB, signatures and policy checked by moto")
    with moto(folder) as endpoint, sandbox(folder) as (base, url):
        account = Account(endpoint, "CustomerSyncRole", "sync")
        environment = variables(account, base, os.path.join(folder, "customers"))
        with function(task, environment) as invoke:
            first = json.loads(invoke({"full": True})[1])
        check(first.get("status") == "succeeded" and first.get("mode") == "full", "a full sync succeeds", str(first)[:600])
        rows = all_rows(account)
        check(len(rows) == first["new_contacts"] > 100, "boto3 reads every new customer back", f"{len(rows)}")
        paying = [row for row in rows.values() if "mrr" in row]
        check(paying and all("N" in row["mrr"] and "S" in row["revenue_basis"] for row in paying), "with typed revenue")
        check(all("mrr" not in row for row in rows.values() if row["revenue_basis"]["S"] == "none"),
              "and none where there is no Stripe data")

        # Another source's attribute survives what the sync writes.
        email = sorted(rows)[0]
        account.unchecked(lambda aws: aws("dynamodb").put_item(
            TableName=account.resources["CustomersTable"], Item={**rows[email], "note": {"S": "of another source"}}))
        change(url)
        with function(task, environment) as invoke:
            second = json.loads(invoke({})[1])
        check(second.get("status") == "succeeded" and second.get("mode") == "incremental", "then what changed",
              str(second)[:600])
        found = all_rows(account)
        check(found[email].get("note", {}).get("S") == "of another source", "another source's attribute stays")

        another_table(account, "truth", ["email"])
        another_table(account, "truth-state", ["pk", "sk"])
        with function(task, variables(account, base, folder, "truth", "truth-state")) as invoke:
            third = json.loads(invoke({"full": True})[1])
        check(third.get("status") == "succeeded", "a full sync into an empty table succeeds", str(third)[:600])
        here, there = said(found), said(all_rows(account, "truth"))
        check(here == there, "has the same rows as the incremental one",
              str({k: (here.get(k), there.get(k)) for k in set(here) | set(there) if here.get(k) != there.get(k)})[:900])
        least_privilege(task, account, environment)
