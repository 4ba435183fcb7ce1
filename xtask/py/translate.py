"""Translates SAM templates offline, as CloudFormation would, and writes them as JSON.

Linters that read the SAM form miss what the transform adds (roles, permissions, mappings), so they get this output.
Usage: translate.py SOURCE TARGET [SOURCE TARGET ...]
"""

import json
import sys

from samcli.yamlhelper import yaml_parse
from samtranslator.translator.transform import transform

# The transform insists on remote artefacts; nothing reads these addresses.
ARTEFACT = "s3://bucket/artefact"
PARAMETERS = {"Environment": "prod"}


class NoManagedPolicies:
    """Every role of ours is written out, so no name of an AWS-managed policy has to be resolved."""

    def load(self):
        return {}


def translate(source, target):
    with open(source, encoding="utf-8") as file:
        template = json.loads(json.dumps(yaml_parse(file.read())))
    for resource in template["Resources"].values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            properties["CodeUri"] = ARTEFACT
        if resource["Type"] == "AWS::Serverless::Application":
            properties["Location"] = "https://bucket.s3.amazonaws.com/template"
    if "Transform" in template:
        template = transform(template, PARAMETERS, NoManagedPolicies())
    with open(target, "w", encoding="utf-8") as file:
        json.dump(template, file, indent=1)


if __name__ == "__main__":
    for pair in zip(sys.argv[1::2], sys.argv[2::2]):
        translate(*pair)
