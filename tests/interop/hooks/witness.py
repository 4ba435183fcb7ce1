"""What the libraries of Python say to a webhook. Each line of the input asks one of them, each line of the output is its answer; it
ends when its input does."""

import base64
import json
import sys
import traceback

import standardwebhooks
import svix.webhooks

LIBRARIES = {"standardwebhooks": standardwebhooks, "svix": svix.webhooks}


def verify(asked):
    """Whether the webhook holds, as a reader of the library's manual would ask."""
    library = LIBRARIES[asked["library"]]
    try:
        library.Webhook(asked["secret"]).verify(base64.b64decode(asked["body"]), asked["headers"])
    except library.WebhookVerificationError as error:
        return {"refused": str(error)}
    return {"holds": True}


for line in sys.stdin:
    try:
        answer = verify(json.loads(line))
    except Exception:  # Anything else is no judgement.
        answer = {"broke": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
