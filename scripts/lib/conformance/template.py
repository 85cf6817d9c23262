"""Reads the CloudFormation template that is deployed."""
from checks import check

TEMPLATE = "deploy/cloudformation/health-score-lambda.yml"


def load():
    """The template as cfn-lint reads it: a dictionary in which its short functions (!Ref) are written out."""
    # Imported here, since it takes seconds and most parts do without.
    import cfnlint.decode.cfn_yaml

    return cfnlint.decode.cfn_yaml.load(TEMPLATE)


def definition():
    """The definition of the template's state machine, as JSON text. What CloudFormation would put in is put in."""
    text = load()["Resources"]["StateMachine"]["Properties"]["DefinitionString"]
    for name, value in {
        "JobFunction": "arn:aws:lambda:eu-west-1:123456789012:function:test-health-score",
        "ExtractFunction": "arn:aws:lambda:eu-west-1:123456789012:function:test-health-score-extract",
        "Partition": "aws", "Concurrency": "4",
    }.items():
        text = text.replace("${" + name + "}", value)
    check("${" not in text, "the definition has no other placeholders")
    return text
