# pip install standardwebhooks
import os

from standardwebhooks import Webhook


def verified(body: bytes, headers: dict) -> dict:
    """The event. Raises where the request is not Herald's, was changed, or is older than five minutes.

    `body` is the body of the request byte for byte, not parsed and written again.
    """
    return Webhook(os.environ["WEBHOOK_SECRET"]).verify(body, headers)
