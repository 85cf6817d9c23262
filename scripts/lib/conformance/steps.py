"""The part steps: moto executes the template's state machine, whose functions run in AWS's emulator. Some calls fail and
some are made twice, as it happens in Lambda. The scores have to be those that one process computes."""
import contextlib
import json
import os
import subprocess
import threading
import time
import urllib.parse
import urllib.request

from checks import check
from proxy import serve
from runtime import function
from servers import free_port
from stack import client, deploy, moto
from template import definition
from world import HEALTHSCORE, PERIOD, large_config, sandbox

ACCOUNTS = 1000


class Workers:
    """The functions that the state machine calls: each runs in an emulator of its own and takes one event at a time."""

    def __init__(self, functions):
        self.idle = list(functions)
        self.free = threading.Semaphore(len(self.idle))
        self.lock = threading.Lock()
        # The names of the slices and steps that were asked for, in order.
        self.calls = []

    def call(self, payload):
        """Hands the event to a function that is idle, or waits for one. Returns its answer."""
        with self.free:
            with self.lock:
                worker = self.idle.pop()
            try:
                return worker(payload)[1]
            finally:
                with self.lock:
                    self.idle.append(worker)

    def handle(self, payload):
        """Answers the state machine, and injects the faults."""
        event = json.loads(payload)
        name = event.get("slice", event.get("step"))
        with self.lock:
            self.calls.append(name)
            tries = self.calls.count(name)
        # This slice fails twice: once before any work, once after all its work.
        if name == "salesforce-0003" and tries <= 2:
            if tries == 2:
                self.call(payload)
            return b'{"errorType": "Function.Unexpected", "errorMessage": "injected"}'
        # This slice runs twice.
        if name == "intercom-0000":
            self.call(payload)
        return self.call(payload)


def let_moto_execute(endpoint):
    """Without this moto only pretends that a state machine runs."""
    request = urllib.request.Request(
        endpoint + "/moto-api/config", data=json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode(),
        headers={"Content-Type": "application/json"}, method="POST")
    urllib.request.urlopen(request).read()


def execute(endpoint, role):
    """Runs the state machine. Returns its execution when it has ended, or after four minutes."""
    machine = client("stepfunctions", endpoint)
    # moto's CloudFormation makes a state machine that moto does not execute.
    arn = machine.create_state_machine(
        name="shared", definition=definition(), roleArn="arn:aws:iam::123456789012:role/" + role,
    )["stateMachineArn"]
    started = machine.start_execution(
        stateMachineArn=arn, name="shared-run-1", input=json.dumps({"period": PERIOD}))
    end = time.time() + 240
    while time.time() < end:
        execution = machine.describe_execution(executionArn=started["executionArn"])
        if execution["status"] != "RUNNING":
            break
        time.sleep(0.5)
    return execution


def salesforce_keys(url, variables):
    """The keys of the month's records in the invented Salesforce."""
    form = f"grant_type=client_credentials&client_id={variables['SF_CLIENT_ID']}&client_secret={variables['SF_CLIENT_SECRET']}"
    token = json.load(urllib.request.urlopen(url + "/salesforce/services/oauth2/token", form.encode()))["access_token"]
    query = f"SELECT Id, Health_Score_Key__c FROM Health_Score__c WHERE Scoring_Period__c = '{PERIOD}'"
    path, keys = "/services/data/v66.0/query?q=" + urllib.parse.quote(query), []
    while path:
        request = urllib.request.Request(url + "/salesforce" + path, headers={"Authorization": f"Bearer {token}"})
        page = json.load(urllib.request.urlopen(request))
        keys += [row["Health_Score_Key__c"] for row in page["records"]]
        path = page.get("nextRecordsUrl")
    return keys


def steps(task, folder):
    print("== the state machine, executed by moto")
    proxy_port = free_port()
    config = large_config(folder, ACCOUNTS)
    with contextlib.ExitStack() as stack:
        # moto calls Lambda at the proxy's port.
        endpoint = stack.enter_context(moto(folder, {"MOTO_PORT": str(proxy_port)}))
        let_moto_execute(endpoint)
        resources = deploy(endpoint)
        base, url = stack.enter_context(sandbox(folder, "--accounts", str(ACCOUNTS), "--conversations", "20"))
        variables = {
            **base, "ENVIRONMENT": "test", "CONFIG_DIR": config, "LOG_LEVEL": "error", "EXTRACT_CONCURRENCY": "4",
            "REPORTS_BUCKET": resources["ReportsBucket"], "METRICS_TABLE": resources["MetricsTable"],
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_S3": endpoint,
        }
        single = os.path.join(folder, "single")
        subprocess.run(
            [HEALTHSCORE, "run", "--dry-run", "--period", PERIOD, "--output", "json"], check=True, stdout=subprocess.DEVNULL,
            env={**{k: v for k, v in variables.items() if k != "REPORTS_BUCKET"}, "OUTPUT_DIR": single})
        workers = Workers(
            stack.enter_context(function(task, {**variables, "OUTPUT_DIR": os.path.join(folder, f"worker-{index}")}))
            for index in range(4))
        serve(proxy_port, endpoint, workers.handle)

        execution = execute(endpoint, resources["StateMachineRole"])
        check(execution["status"] == "SUCCEEDED", "the execution succeeds", f"{execution.get('error')} {execution.get('cause')}"[:500])
        if execution["status"] != "SUCCEEDED":
            return
        answer = json.loads(execution["output"])
        slices = {name for name in workers.calls if name not in ("plan", "finish")}
        check(len(slices) >= 20, f"{len(slices)} slices")
        check(workers.calls.count("salesforce-0003") == 3, "one failed twice and was tried again")
        check(answer["status"] == "succeeded" and answer["run_id"] == "shared-run-1", "and the answer is whole", str(answer)[:400])
        s3 = client("s3", endpoint)
        shared = s3.get_object(Bucket=resources["ReportsBucket"], Key=f"reports/health_scores_{PERIOD}.jsonl")["Body"].read()
        own = open(os.path.join(single, f"health_scores_{PERIOD}.jsonl"), "rb").read()
        check(shared == own and own.count(b"\n") == ACCOUNTS, "the scores of one process, to the last byte")
        keys = salesforce_keys(url, base)
        check(len(keys) == ACCOUNTS == len(set(keys)), "every account is written once", f"{len(keys)} records")
        check(answer["load"] == {"created": ACCOUNTS, "updated": 0, "failed": 0}, "and none twice", str(answer["load"]))
