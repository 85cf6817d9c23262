"""The parts of scripts/conformance; start it by that."""

import ast
import contextlib
import glob
import http.client
import http.server
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.parse
import urllib.request
import zipfile

import boto3
import botocore.config

ROOT = os.getcwd()
TEMPLATE = "deploy/cloudformation/health-score-lambda.yml"
HEALTHSCORE = os.path.join(ROOT, ".build/debug/healthscore")
PERIOD = None
FAILURES = []


def check(condition, what, detail=""):
    print(("  ok    " if condition else "  WRONG ") + what + (f": {detail}" if detail and not condition else ""), flush=True)
    if not condition:
        FAILURES.append(what)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(port, process=None, seconds=30):
    end = time.time() + seconds
    while time.time() < end:
        if process and process.poll() is not None:
            sys.exit(f"a server ended with {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"nothing answers on port {port}")


@contextlib.contextmanager
def server(command, port, env=None, log=None):
    out = open(log, "wb") if log else subprocess.DEVNULL
    process = subprocess.Popen(command, env=env, stdout=out, stderr=out, start_new_session=True)
    try:
        wait_for(port, process)
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


@contextlib.contextmanager
def sandbox(folder, *options):
    """The invented vendors; yields the environment that leads to them."""
    port, log = free_port(), os.path.join(folder, f"sandbox-{time.time_ns()}.log")
    with server([HEALTHSCORE, "sandbox", "--port", str(port), *options], port, log=log):
        time.sleep(0.2)
        variables = {}
        for line in open(log):
            if line.startswith("export "):
                name, _, value = line[len("export "):].strip().partition("=")
                variables[name] = value.strip("'")
        yield {**variables, "PATH": os.environ["PATH"]}, f"http://127.0.0.1:{port}"


def emulator_binary():
    found = glob.glob(".build-conformance/lib/python3*/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64")
    return os.path.abspath(found[0])


@contextlib.contextmanager
def function(task, variables, timeout=300, log=None):
    """The packaged function in AWS's emulator; yields a way to invoke it."""
    port, api = free_port(), free_port()
    command = [
        emulator_binary(), "--runtime-interface-emulator-address", f"127.0.0.1:{port}",
        "--runtime-api-address", f"127.0.0.1:{api}", os.path.join(task, "bootstrap"),
    ]
    env = {**variables, "AWS_LAMBDA_FUNCTION_TIMEOUT": str(timeout), "LAMBDA_TASK_ROOT": task}
    with server(command, port, env=env, log=log) as process:

        def invoke(event, wait=None):
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=wait or timeout + 30)
            body = event if isinstance(event, (bytes, bytearray)) else json.dumps(event).encode()
            connection.request("POST", "/2015-03-31/functions/function/invocations", body)
            response = connection.getresponse()
            return response.status, response.read()

        invoke.process = process
        yield invoke


def lint():
    print("== cfn-lint")
    result = subprocess.run(
        [".build-conformance/bin/cfn-lint", "--include-checks", "I", "--", TEMPLATE], capture_output=True, text=True)
    check(result.returncode == 0, "clean with all rules", result.stdout)
    import cfnlint.decode.cfn_yaml

    template = cfnlint.decode.cfn_yaml.load(TEMPLATE)
    text = open(TEMPLATE, encoding="utf-8").read()
    check(len(text.encode()) <= 51_200, "short enough to be sent with the call that deploys it", f"{len(text.encode())} bytes")
    check("arn:aws:" not in text, "no partition is written down")
    for kind in ("Parameters", "Outputs"):
        check(all(item.get("Description") for item in template[kind].values()), f"every one of {kind} is described")
    limits = ("AllowedPattern", "AllowedValues", "MinValue")
    loose = [name for name, item in template["Parameters"].items() if not any(limit in item for limit in limits)]
    check(not loose, "every parameter is constrained", str(loose))
    resources = template["Resources"]
    alarms = [r for r in resources.values() if r["Type"] == "AWS::CloudWatch::Alarm"]
    check(all(len(alarm["Properties"]["AlarmDescription"]) > 60 for alarm in alarms), "every alarm says what to do")
    # What stays when a stack is deleted must not be in the way of the next one.
    names = ("TableName", "LogGroupName", "BucketName", "QueueName")
    fixed = [
        f"{logical}.{name}" for logical, r in resources.items() for name in names
        if r.get("DeletionPolicy", "Delete") != "Delete" and "NoValue" not in str(r["Properties"].get(name, "NoValue"))]
    check(not fixed, "what outlives the stack has a generated name", str(fixed))
    handlers = {r["Properties"]["Handler"] for r in resources.values() if r["Type"] == "AWS::Lambda::Function"}
    check(handlers == {"health_score"}, "only the job that there is is deployed", str(handlers))


def resident_megabytes(emulator):
    """Of the function that this emulator runs."""
    for path in glob.glob("/proc/[0-9]*/status"):
        with contextlib.suppress(OSError):
            lines = dict(line.split(":", 1) for line in open(path) if ":" in line)
            if lines["Name"].strip() == "bootstrap" and int(lines["PPid"]) == emulator:
                return int(lines["VmRSS"].split()[0]) / 1024
    return 0


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


def large_config(folder, accounts):
    target = os.path.join(folder, f"config-{accounts}")
    if not os.path.exists(target):
        shutil.copytree("config", target)
        mapping = os.path.join(target, "account_mapping.csv")
        subprocess.run([HEALTHSCORE, "sandbox", "--accounts", str(accounts), "--write-mapping", mapping], check=True)
    return target


def client(name, endpoint, **credentials):
    return boto3.client(
        name, endpoint_url=endpoint, region_name="eu-west-1",
        aws_access_key_id=credentials.get("key", "admin"), aws_secret_access_key=credentials.get("secret", "admin"),
        aws_session_token=credentials.get("token"), config=botocore.config.Config(retries={"max_attempts": 1}))


@contextlib.contextmanager
def moto(folder, environment=None):
    port = free_port()
    env = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "1000000", **(environment or {})}
    log = os.path.join(folder, f"moto-{port}.log")
    with server([".build-conformance/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)], port, env=env, log=log):
        yield f"http://127.0.0.1:{port}"


def set_unchecked_calls(endpoint, count):
    headers = {"Content-Type": "text/plain"}
    request = urllib.request.Request(endpoint + "/moto-api/reset-auth", str(count).encode(), headers, method="POST")
    urllib.request.urlopen(request).read()


def require_signatures(endpoint):
    """From now on every call is checked: signature, token and policy."""
    set_unchecked_calls(endpoint, 0)


def allow_everything(endpoint):
    set_unchecked_calls(endpoint, 1_000_000)


def deploy(endpoint):
    """The stack as the template has it; returns its resources by logical id."""
    client("s3", endpoint).create_bucket(
        Bucket="artifacts", CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    client("s3", endpoint).put_object(Bucket="artifacts", Key="z.zip", Body=small_zip())
    client("secretsmanager", endpoint).create_secret(
        Name="credentials", SecretString=json.dumps({name: "x" for name in (
            "SF_LOGIN_URL", "SF_CLIENT_ID", "SF_CLIENT_SECRET", "INTERCOM_BASE_URL", "INTERCOM_API_TOKEN",
            "JIRA_BASE_URL", "JIRA_EMAIL", "JIRA_API_TOKEN", "LOOKER_BASE_URL", "LOOKER_CLIENT_ID",
            "LOOKER_CLIENT_SECRET")}))
    formation = client("cloudformation", endpoint)
    formation.create_stack(
        StackName="test", TemplateBody=open(TEMPLATE).read(), Capabilities=["CAPABILITY_IAM"],
        Parameters=[
            {"ParameterKey": key, "ParameterValue": value} for key, value in (
                ("Environment", "test"), ("ArtifactBucket", "artifacts"), ("ArtifactKey", "z.zip"),
                ("CredentialsSecret", "credentials"), ("ExtractConcurrency", "4"))
        ])
    stack = formation.describe_stacks(StackName="test")["Stacks"][0]
    check(stack["StackStatus"] == "CREATE_COMPLETE", "the stack is created", stack.get("StackStatusReason", ""))
    resources = formation.describe_stack_resources(StackName="test")["StackResources"]
    return {item["LogicalResourceId"]: item["PhysicalResourceId"]
            for item in resources if "LogicalResourceId" in item and "PhysicalResourceId" in item}


def template_policy(iam, role, name):
    """A role's policy out of the template, put where moto enforces it: its CloudFormation keeps it as Python text. Resources
    are enforced for S3 only; moto holds other services' calls against "*"."""
    document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
    if isinstance(document, str):
        document = ast.literal_eval(document)
    document["Statement"] = [statement for statement in document["Statement"] if statement]
    for statement in document["Statement"]:
        if "s3:" not in str(statement["Action"]):
            statement["Resource"] = "*"
    iam.delete_role_policy(RoleName=role, PolicyName=name)
    policy = iam.create_policy(PolicyName=f"{role}-{name}", PolicyDocument=json.dumps(document))["Policy"]["Arn"]
    iam.attach_role_policy(RoleName=role, PolicyArn=policy)
    return document, policy


def small_zip():
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("bootstrap", "")
        file.seek(0)
        return file.read()


def without_ids(answer):
    """What two runs of the same month have in common."""
    kept = {k: v for k, v in answer.items() if k not in ("run_id", "duration_seconds", "csv", "snapshot")}
    kept["sources"] = {
        name: {k: v for k, v in source.items() if k not in ("seconds",)} for name, source in answer["sources"].items()}
    return kept


def aws(task, folder):
    print("== DynamoDB and S3, signatures and policy checked by moto")
    with moto(folder) as endpoint:
        resources = deploy(endpoint)
        bucket, table, role = resources["ReportsBucket"], resources["MetricsTable"], resources["JobRole"]
        iam, sts = client("iam", endpoint), client("sts", endpoint)
        document, policy = template_policy(iam, role, "job")

        def assume():
            answer = sts.assume_role(RoleArn=iam.get_role(RoleName=role)["Role"]["Arn"], RoleSessionName="function")
            return answer["Credentials"]

        credentials = assume()

        def variables(base, output, secret=None):
            return {
                **base, "ENVIRONMENT": "test", "REPORTS_BUCKET": bucket, "METRICS_TABLE": table,
                "OUTPUT_DIR": os.path.join(folder, output),
                "AWS_ENDPOINT_URL": endpoint, "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_S3": endpoint,
                "AWS_ACCESS_KEY_ID": credentials["AccessKeyId"],
                "AWS_SECRET_ACCESS_KEY": secret or credentials["SecretAccessKey"],
                "AWS_SESSION_TOKEN": credentials["SessionToken"], "LOG_LEVEL": "error",
            }

        require_signatures(endpoint)

        def items():
            # Reading back is the test's own affair, not the role's.
            allow_everything(endpoint)
            found = client("dynamodb", endpoint).scan(TableName=table)["Items"]
            require_signatures(endpoint)
            return found

        with sandbox(folder) as (base, _):
            with function(task, {**base, "OUTPUT_DIR": os.path.join(folder, "own"), "LOG_LEVEL": "error"}) as invoke:
                own = json.loads(invoke({"period": PERIOD})[1])
        with sandbox(folder) as (base, _):
            with function(task, variables(base, "aws")) as invoke:
                answer = json.loads(invoke({"period": PERIOD})[1])
            check(answer.get("status") == "succeeded", "a live run succeeds", str(answer)[:400])
            check(without_ids(answer) == without_ids(own), "with the answer that it has in our own sandbox",
                  str({k: (v, without_ids(own).get(k)) for k, v in without_ids(answer).items() if without_ids(own).get(k) != v})[:600])
            found = items()
            runs = [item for item in found if item["sk"]["S"] != "lock"]
            check(len(runs) == 1, "one item a run")
            item = runs[0] if runs else {}
            check(item.get("pk", {}).get("S") == f"health_score#{PERIOD}", "under its month")
            check(item.get("sk", {}).get("S", "").endswith("#" + answer["run_id"]), "and its id")
            check(int(item.get("expires_at", {}).get("N", "0")) > time.time(), "with a time to live")
            check(item.get("accounts", {}).get("M", {}).get("scored", {}).get("N") == str(answer["accounts"]["scored"]), "with its counts")
            ttl = client("dynamodb", endpoint, **{
                "key": credentials["AccessKeyId"], "secret": credentials["SecretAccessKey"], "token": credentials["SessionToken"]})
            try:
                ttl.scan(TableName=table)
                check(False, "the role can't read the table")
            except ttl.exceptions.ClientError as error:
                check("AccessDenied" in str(error), "the role can't read the table", str(error))
            lock = [item for item in found if item["sk"]["S"] == "lock"]
            check(lock and int(lock[0]["expires_at"]["N"]) <= time.time(), "the month is free again")

            with function(task, variables(base, "wrong", secret="wrong")) as invoke:
                answer = json.loads(invoke({"period": PERIOD, "dry_run": True})[1])
            check(answer.get("accounts", {}).get("scored") == own["accounts"]["scored"], "a wrong secret fails no run", str(answer)[:300])
            check(
                any("metrics were not recorded" in warning and "SignatureDoesNotMatch" in warning for warning in answer["warnings"]),
                "but is named in its warnings", str(answer["warnings"])[:400])

            print("== the role allows nothing that a run does not need")
            # Each action is taken away in turn; the run that misses it has to say so.
            for action in ("dynamodb:PutItem", "s3:PutObject", "dynamodb:UpdateItem"):
                reduced = json.loads(json.dumps(document))
                for statement in reduced["Statement"]:
                    actions = statement["Action"] if isinstance(statement["Action"], list) else [statement["Action"]]
                    statement["Action"] = [a for a in actions if a != action] or ["none:None"]
                allow_everything(endpoint)
                iam.detach_role_policy(RoleName=role, PolicyArn=policy)
                policy = iam.create_policy(PolicyName=f"without-{action.replace(':', '-')}", PolicyDocument=json.dumps(reduced))["Policy"]["Arn"]
                iam.attach_role_policy(RoleName=role, PolicyArn=policy)
                require_signatures(endpoint)
                log = os.path.join(folder, "reduced.log")
                with function(task, {**variables(base, "reduced"), "LOG_LEVEL": "warning"}, log=log) as invoke:
                    body = invoke({"period": PERIOD})[1]
                check(b"AccessDenied" in body or "AccessDenied" in open(log, errors="replace").read(),
                      f"{action} is used: without it a run is refused", body[:300])


def steps(task, folder):
    print("== the state machine, executed by moto")
    proxy_port = free_port()
    accounts = 1000
    config = large_config(folder, accounts)
    with contextlib.ExitStack() as stack:
        endpoint = stack.enter_context(moto(folder, {"MOTO_PORT": str(proxy_port)}))
        request = urllib.request.Request(
            endpoint + "/moto-api/config", data=json.dumps({"stepfunctions": {"execute_state_machine": True}}).encode(),
            headers={"Content-Type": "application/json"}, method="POST")
        urllib.request.urlopen(request).read()
        resources = deploy(endpoint)
        base, url = stack.enter_context(sandbox(folder, "--accounts", str(accounts), "--conversations", "20"))
        variables = {
            **base, "ENVIRONMENT": "test", "CONFIG_DIR": config, "LOG_LEVEL": "error", "EXTRACT_CONCURRENCY": "4",
            "REPORTS_BUCKET": resources["ReportsBucket"], "METRICS_TABLE": resources["MetricsTable"],
            "AWS_ENDPOINT_URL_DYNAMODB": endpoint, "AWS_ENDPOINT_URL_S3": endpoint,
        }
        single = os.path.join(folder, "single")
        subprocess.run(
            [HEALTHSCORE, "run", "--dry-run", "--period", PERIOD, "--output", "json"], check=True, stdout=subprocess.DEVNULL,
            env={**{k: v for k, v in variables.items() if k != "REPORTS_BUCKET"}, "OUTPUT_DIR": single})
        pool = [
            stack.enter_context(function(task, {**variables, "OUTPUT_DIR": os.path.join(folder, f"worker-{index}")}))
            for index in range(4)]
        free = threading.Semaphore(len(pool))
        lock = threading.Lock()
        calls = []

        def call(payload):
            with free:
                with lock:
                    worker = pool.pop()
                try:
                    return worker(payload)[1]
                finally:
                    with lock:
                        pool.append(worker)

        def handle(payload):
            event = json.loads(payload)
            name = event.get("slice", event.get("step"))
            with lock:
                calls.append(name)
                tries = calls.count(name)
            # Fails twice: once before anything was done, once after all was.
            if name == "salesforce-0003" and tries <= 2:
                if tries == 2:
                    call(payload)
                return b'{"errorType": "Function.Unexpected", "errorMessage": "injected"}'
            # Runs twice.
            if name == "intercom-0000":
                call(payload)
            return call(payload)

        class Proxy(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *arguments):
                pass

            def do_POST(self):
                payload = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                headers = {"Content-Type": "application/json"}
                if "/functions/" in self.path and self.path.endswith("/invocations"):
                    body, status = handle(payload), 200
                    if b'"errorType"' in body[:4000] and b'"errorMessage"' in body[:4000]:
                        headers["X-Amz-Function-Error"] = "Unhandled"
                else:
                    connection = http.client.HTTPConnection(endpoint.removeprefix("http://"))
                    connection.request(self.command, self.path, payload, dict(self.headers))
                    response = connection.getresponse()
                    body, status = response.read(), response.status
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_PUT = do_POST

        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", proxy_port), Proxy)
        threading.Thread(target=proxy.serve_forever, daemon=True).start()

        machine = client("stepfunctions", endpoint)
        # moto's CloudFormation makes one that it does not execute.
        arn = machine.create_state_machine(
            name="shared", definition=definition(), roleArn="arn:aws:iam::123456789012:role/" + resources["StateMachineRole"],
        )["stateMachineArn"]
        started = machine.start_execution(
            stateMachineArn=arn, name="shared-run-1", input=json.dumps({"period": PERIOD}))
        end = time.time() + 240
        while time.time() < end:
            execution = machine.describe_execution(executionArn=started["executionArn"])
            if execution["status"] != "RUNNING":
                break
            time.sleep(0.5)
        check(execution["status"] == "SUCCEEDED", "the execution succeeds", f"{execution.get('error')} {execution.get('cause')}"[:500])
        if execution["status"] != "SUCCEEDED":
            return
        answer = json.loads(execution["output"])
        slices = {name for name in calls if name not in ("plan", "finish")}
        check(len(slices) >= 20, f"{len(slices)} slices")
        check(calls.count("salesforce-0003") == 3, "one failed twice and was tried again")
        check(answer["status"] == "succeeded" and answer["run_id"] == "shared-run-1", "and the answer is whole", str(answer)[:400])
        s3 = client("s3", endpoint)
        shared = s3.get_object(Bucket=resources["ReportsBucket"], Key=f"reports/health_scores_{PERIOD}.jsonl")["Body"].read()
        own = open(os.path.join(single, f"health_scores_{PERIOD}.jsonl"), "rb").read()
        check(shared == own and own.count(b"\n") == accounts, "the scores of one process, to the last byte")
        keys = salesforce_keys(url, base)
        check(len(keys) == accounts == len(set(keys)), "every account is written once", f"{len(keys)} records")
        check(answer["load"] == {"created": accounts, "updated": 0, "failed": 0}, "and none twice", str(answer["load"]))


def definition():
    """The template's state machine, its substitutions made."""
    import cfnlint.decode.cfn_yaml

    text = cfnlint.decode.cfn_yaml.load(TEMPLATE)["Resources"]["StateMachine"]["Properties"]["DefinitionString"]
    for name, value in {
        "JobFunction": "arn:aws:lambda:eu-west-1:123456789012:function:test-health-score",
        "ExtractFunction": "arn:aws:lambda:eu-west-1:123456789012:function:test-health-score-extract",
        "Partition": "aws", "Concurrency": "4",
    }.items():
        text = text.replace("${" + name + "}", value)
    check("${" not in text, "the definition has no other placeholders")
    return text


def salesforce_keys(url, variables):
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


def main():
    global PERIOD
    now = time.gmtime()
    PERIOD = f"{now.tm_year - (now.tm_mon == 1)}-{(now.tm_mon - 2) % 12 + 1:02}"
    parts = sys.argv[1:] or ["lint", "emulator", "large", "aws", "steps"]
    with tempfile.TemporaryDirectory() as folder:
        task = os.path.join(folder, "task")
        zipfile.ZipFile("build/health-score.zip").extractall(task)
        os.chmod(os.path.join(task, "bootstrap"), 0o755)
        for part in parts:
            if part == "lint":
                lint()
            elif part in ("emulator", "large", "aws", "steps"):
                globals()[part](task, folder)
            else:
                sys.exit(f"unknown part {part}; there are lint, emulator, large, aws and steps")
    if FAILURES:
        sys.exit(f"{len(FAILURES)} of the checks failed: " + "; ".join(FAILURES))
    print("conformant")


main()
