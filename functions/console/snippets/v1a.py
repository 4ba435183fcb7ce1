# pip install cryptography
import base64
import json
import os
import time

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verified(body: bytes, headers: dict) -> dict:
    """The event. Raises where the request is not Herald's, was changed, or is older than five minutes.

    `body` is the body of the request byte for byte, not parsed and written again.
    """
    headers = {name.lower(): value for name, value in headers.items()}
    sent_at = headers["webhook-timestamp"]
    if abs(time.time() - int(sent_at)) > 300:
        raise ValueError("too old, or of later")
    key = base64.b64decode(os.environ["WEBHOOK_PUBLIC_KEY"].removeprefix("whpk_"))
    signed = f"{headers['webhook-id']}.{sent_at}.".encode() + body
    # While a key is replaced there are two signatures.
    for one in headers["webhook-signature"].split(" "):
        version, _, signature = one.partition(",")
        if version == "v1a" and is_signed(key, base64.b64decode(signature), signed):
            return json.loads(body)
    raise ValueError("no signature is right")


def is_signed(key: bytes, signature: bytes, signed: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature:
        return False
    return True
