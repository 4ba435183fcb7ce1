"""What a run of schemathesis must not do to itself, and one check of our own."""

import ast
import itertools
import os
import threading

import schemathesis

OWN_KEY = os.environ["HERALD_FUZZ_KEY_ID"]
OWN_MEMBER = os.environ["HERALD_FUZZ_MEMBER_ID"]
RECEIVER = os.environ["HERALD_FUZZ_RECEIVER"]
KEPT = {"x", "twitter", os.environ["HERALD_FUZZ_ACCOUNT"]}

# Up to some releases of 3.11 Python fails when two threads make syntax trees at once ("AST constructor recursion depth mismatch",
# python/cpython#106905), and the tool's workers do. Each in its turn, none fails.
TREES = threading.RLock()
AT_ONCE = ast.parse


def parse_alone(*arguments, **options):
    with TREES:
        return AT_ONCE(*arguments, **options)


ast.parse = parse_alone

COUNT = itertools.count(1)
CURSORS = {}


def whole(value):
    """The same, with whole numbers written as such: to a schema 281.0 is an integer, and the API takes 281 alone."""
    if isinstance(value, dict):
        return {name: whole(one) for name, one in value.items()}
    if isinstance(value, list):
        return [whole(one) for one in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def positive(case):
    return case.meta is not None and case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.path_parameters or {}
    # The run's own key, member and account stay: without them there would be nothing but 401 afterwards.
    if case.method in ("DELETE", "PATCH"):
        if path.get("key_id") == OWN_KEY:
            path["key_id"] = "key_" + "0" * 32
        if path.get("member_id") == OWN_MEMBER:
            path["member_id"] = "mem_" + "0" * 32
        if path.get("platform") in KEPT:
            path["platform"] = "linkedin"
    if not positive(case):
        return
    # Short generated keys come again and again, and a key counts for one request.
    if "Idempotency-Key" in (case.headers or {}):
        case.headers["Idempotency-Key"] = f"fuzz-{os.getpid()}-{next(COUNT)}"
    # A cursor is one that the same list gave; there is no other way to a good one.
    if case.query and "cursor" in case.query:
        known = CURSORS.get(case.path)
        if known:
            case.query["cursor"] = known
        else:
            del case.query["cursor"]
    if isinstance(case.body, (dict, list)):
        case.body = whole(case.body)
    # Addresses that answer on a machine without a network.
    if case.path == "/api/publishing/webhooks" and isinstance(case.body, dict) and next(COUNT) % 2:
        case.body["url"] = RECEIVER


@schemathesis.hook
def after_call(context, case, response):
    if response.status_code == 200 and "json" in "".join(response.headers.get("content-type", [])):
        body = response.json()
        data = body.get("data") if isinstance(body, dict) else None
        cursor = (data.get("next_cursor") if isinstance(data, dict) else None) or (
            body.get("next_cursor") or body.get("nextCursor") if isinstance(body, dict) else None
        )
        if cursor:
            CURSORS[case.path] = cursor


@schemathesis.check
def common_form(ctx, response, case):
    """Every answer of a function has the security headers and a correlation id; every refusal is a problem of RFC 9457."""

    # The gateway answers a browser's question for CORS by itself; no function sees it.
    if response.request.method == "OPTIONS":
        return

    def header(name):
        return "".join(response.headers.get(name, []))

    assert header("x-correlation-id"), "no x-correlation-id"
    assert header("x-content-type-options") == "nosniff", "no nosniff"
    assert header("strict-transport-security"), "no strict-transport-security"
    assert "access-control-allow-origin" not in response.headers, "a CORS header"
    if response.status_code >= 400 and response.request.method != "HEAD":
        assert header("content-type") == "application/problem+json", f"{response.status_code}: {header('content-type')}"
        body = response.json()
        assert body["success"] is False and body["status"] == response.status_code
        assert body["code"] and body["detail"] and body["type"] == f"/errors/{body['code']}"
        assert body["instance"] == header("x-correlation-id")
        if body["code"] == "validation":
            assert body["errors"] and all(error["detail"] for error in body["errors"])
