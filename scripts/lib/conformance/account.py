"""An AWS account in moto with the stack in it, and credentials of one function's role."""
import json

from stack import allow_everything, client, deploy, require_signatures, template_policy


class Account:
    def __init__(self, endpoint, role, policy):
        """`role` is the role's logical id in the template, `policy` the name of its policy. moto checks every call from now on."""
        self.endpoint = endpoint
        self.resources = deploy(endpoint)
        self.role = self.resources[role]
        self.iam = client("iam", endpoint)
        self.document, self.policy = template_policy(self.iam, self.role, policy)
        arn = self.iam.get_role(RoleName=self.role)["Role"]["Arn"]
        self.credentials = client("sts", endpoint).assume_role(RoleArn=arn, RoleSessionName="function")["Credentials"]
        require_signatures(endpoint)

    def variables(self, base, handler, **own):
        """The environment of a function with the role's credentials."""
        return {
            **base, "ENVIRONMENT": "test", "AWS_ENDPOINT_URL": self.endpoint, "AWS_ENDPOINT_URL_DYNAMODB": self.endpoint,
            "AWS_ENDPOINT_URL_S3": self.endpoint, "AWS_ACCESS_KEY_ID": self.credentials["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": self.credentials["SecretAccessKey"],
            "AWS_SESSION_TOKEN": self.credentials["SessionToken"], "LOG_LEVEL": "error", "_HANDLER": handler, **own,
        }

    def unchecked(self, work):
        """Does the test's own work, which is not the role's. `work` gets a function that makes boto3's clients."""
        allow_everything(self.endpoint)
        try:
            return work(lambda name: client(name, self.endpoint))
        finally:
            require_signatures(self.endpoint)

    def replace_policy(self, name, document):
        """The role has only this policy from now on."""
        allow_everything(self.endpoint)
        self.iam.detach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        self.policy = self.iam.create_policy(PolicyName=name, PolicyDocument=json.dumps(document))["Policy"]["Arn"]
        self.iam.attach_role_policy(RoleName=self.role, PolicyArn=self.policy)
        require_signatures(self.endpoint)

    def take_away(self, action, statement, name):
        """The role may no longer do what one statement of its policy allows."""
        reduced = json.loads(json.dumps(self.document))
        for entry in reduced["Statement"]:
            if entry.get("Sid") == statement:
                actions = entry["Action"] if isinstance(entry["Action"], list) else [entry["Action"]]
                # A statement needs an action; this one is of no use.
                entry["Action"] = [a for a in actions if a != action] or ["s3:GetBucketAcl"]
        self.replace_policy(f"{name}-without-{action.replace(':', '-')}-{statement}", reduced)
