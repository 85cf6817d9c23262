"""Runs moto, which stands for AWS, and deploys the template's stack there."""
import ast
import contextlib
import json
import os
import tempfile
import urllib.request
import zipfile

import boto3
import botocore.config

from checks import check
from servers import free_port, server
from template import TEMPLATE


@contextlib.contextmanager
def moto(folder, environment=None):
    """Runs moto's server, which at first checks no call. Yields its URL."""
    port = free_port()
    env = {**os.environ, "INITIAL_NO_AUTH_ACTION_COUNT": "1000000", **(environment or {})}
    log = os.path.join(folder, f"moto-{port}.log")
    with server([".build-conformance/bin/moto_server", "-H", "127.0.0.1", "-p", str(port)], port, env=env, log=log):
        yield f"http://127.0.0.1:{port}"


def client(name, endpoint, **credentials):
    """boto3's client of one of moto's services. Without credentials it is an administrator's."""
    return boto3.client(
        name, endpoint_url=endpoint, region_name="eu-west-1",
        aws_access_key_id=credentials.get("key", "admin"), aws_secret_access_key=credentials.get("secret", "admin"),
        aws_session_token=credentials.get("token"), config=botocore.config.Config(retries={"max_attempts": 1}))


def set_unchecked_calls(endpoint, count):
    """moto lets so many calls pass, then it checks every call."""
    headers = {"Content-Type": "text/plain"}
    request = urllib.request.Request(endpoint + "/moto-api/reset-auth", str(count).encode(), headers, method="POST")
    urllib.request.urlopen(request).read()


def require_signatures(endpoint):
    """From now on moto checks every call: signature, token and policy."""
    set_unchecked_calls(endpoint, 0)


def allow_everything(endpoint):
    """From now on moto checks no call."""
    set_unchecked_calls(endpoint, 1_000_000)


def deploy(endpoint):
    """Creates the stack as the template has it. Returns its resources: logical id → physical id."""
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


def small_zip():
    """A zip that moto takes for a function. Nobody runs it."""
    with tempfile.TemporaryFile() as file:
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr("bootstrap", "")
        file.seek(0)
        return file.read()


def template_policy(iam, role, name):
    """Takes a role's policy out of the template and puts it where moto enforces it: moto's CloudFormation keeps it as Python
    text. moto enforces resources for S3 only; other services' calls it holds against "*". Returns the policy's document and
    its ARN."""
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
