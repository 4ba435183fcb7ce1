"""What the libraries of Python say to a webhook of ours, and webhooks that they sign. Each line of the input asks one of them, each
line of the output is its answer; it ends when its input does."""

import base64
import datetime
import json
import os
import sys
import traceback
import urllib.parse

import sendgrid.helpers.eventwebhook
import slack_sdk.signature
import standardwebhooks
import svix.webhooks
import twilio.request_validator
from cloudevents.core.bindings.http import HTTPMessage, from_http_event
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

LIBRARIES = {"standardwebhooks": standardwebhooks, "svix": svix.webhooks}


def verify(asked):
    """Whether the webhook holds, as a reader of the library's manual would ask."""
    library = LIBRARIES[asked["library"]]
    try:
        library.Webhook(asked["secret"]).verify(base64.b64decode(asked["body"]), asked["headers"])
    except library.WebhookVerificationError as error:
        return {"refused": str(error)}
    return {"holds": True}


def event(asked):
    """What the SDK of CloudEvents reads in a request, in either mode."""
    read = from_http_event(HTTPMessage(headers=asked["headers"], body=base64.b64decode(asked["body"])))
    attributes = {name: value for name, value in read.get_attributes().items() if value is not None}
    attributes["time"] = read.get_time().timestamp()
    return {"attributes": attributes, "data": read.get_data()}


def run(asked):
    """Whether the program that the console's page gives takes the webhook."""
    os.environ["WEBHOOK_SECRET"] = os.environ["WEBHOOK_PUBLIC_KEY"] = asked["secret"]
    program, body = {}, base64.b64decode(asked["body"])
    exec(asked["program"], program)
    try:
        event = program["verified"](body, asked["headers"])
    except (standardwebhooks.WebhookVerificationError, ValueError) as error:
        return {"refused": str(error)}
    return {"holds": event == json.loads(body)}


def word():
    """A secret that nobody had before."""
    return os.urandom(16).hex()


def standard(library, at):
    secret = "whsec_" + base64.b64encode(os.urandom(32)).decode()
    body = '{"type":"comment","data":{"text":"Grüße 🎉"}}'
    signed = library.Webhook(secret).sign("msg_1", datetime.datetime.fromtimestamp(at, datetime.timezone.utc), body)
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(at), "webhook-signature": signed}
    return {"secret": secret}, "", headers, body


class Form(dict):
    """A form as web frameworks give it to the library: a field may stand in it twice."""

    def getall(self, name):
        return self[name]


def twilio_form(url, _):
    token = word()
    form = Form({"MessageSid": ["SM1"], "To": ["+15558675310"], "Body": ["Grüße & 50 % = ?"], "Twice": ["b", "a"], "Empty": [""]})
    vendor = twilio.request_validator.RequestValidator(token)
    signed = vendor.compute_signature(url, form)
    assert vendor.validate(url, form, signed)
    return {"auth_token": token}, "", {"x-twilio-signature": signed}, urllib.parse.urlencode(form, doseq=True)


def twilio_json(url, _):
    token, body = word(), '{"event":"Grüße"}'
    vendor = twilio.request_validator.RequestValidator(token)
    query = "bodySHA256=" + vendor.compute_hash(body)
    signed = vendor.compute_signature(f"{url}?{query}", {})
    assert vendor.validate(f"{url}?{query}", body, signed)
    return {"auth_token": token}, query, {"x-twilio-signature": signed}, body


def slack(_, at):
    secret, body = word(), '{"type":"event_callback","event":{"type":"app_mention","text":"Grüße 🎉"}}'
    vendor = slack_sdk.signature.SignatureVerifier(secret)
    signed = vendor.generate_signature(timestamp=str(at), body=body)
    headers = {"x-slack-request-timestamp": str(at), "x-slack-signature": signed}
    assert vendor.is_valid_request(body, headers)
    return {"signing_secret": secret}, "", headers, body


def mails(_, at):
    """The library only verifies: what it takes is signed as it says."""
    key = ec.generate_private_key(ec.SECP256R1())
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    public = base64.b64encode(key.public_key().public_bytes(serialization.Encoding.DER, form)).decode()
    # Its bodies end like this.
    body = '[{"email":"ada@example.com","event":"delivered","timestamp":1}]\r\n'
    signed = base64.b64encode(key.sign((str(at) + body).encode(), ec.ECDSA(hashes.SHA256()))).decode()
    assert sendgrid.helpers.eventwebhook.EventWebhook(public).verify_signature(body, signed, str(at))
    names = sendgrid.helpers.eventwebhook.EventWebhookHeader
    headers = {names.TIMESTAMP.lower(): str(at), names.SIGNATURE.lower(): signed}
    return {"public_key": public}, "", headers, body


CALLERS = {
    "standardwebhooks": lambda _, at: standard(standardwebhooks, at),
    "svix": lambda _, at: standard(svix.webhooks, at),
    "twilio": twilio_form,
    "twilio, of JSON": twilio_json,
    "slack-sdk": slack,
    "sendgrid": mails,
}


def sign(asked):
    """A webhook as this vendor sends it, with the secret that only this one has."""
    proofs, query, headers, body = CALLERS[asked["library"]](asked["url"], asked["at"])
    return {"proofs": proofs, "query": query, "headers": headers, "body": base64.b64encode(body.encode()).decode()}


ANSWERS = {"verify": verify, "run": run, "sign": sign, "event": event}

for line in sys.stdin:
    try:
        asked = json.loads(line)
        answer = ANSWERS[asked["ask"]](asked)
    except Exception:  # Anything else is no judgement.
        answer = {"broke": traceback.format_exc()}
    print(json.dumps(answer), flush=True)
