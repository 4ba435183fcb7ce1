"""Reads a page of the due index over and over: entries per second of processor time."""

import json
import sys
import time

text = open(sys.argv[1], encoding="utf-8").read()
start, done = time.process_time(), 0
while time.process_time() - start < 2:
    for item in json.loads(text)["Items"]:
        tenant, post = item["PK"]["S"].split("#P#")
        account = item["SK"]["S"][4:]
        at, seen, sent, platform = item["gsi1sk"]["S"].split("#")
        entry = (tenant, post, account, int(at), int(seen), sent == "s", platform)
        done += len(entry) > 0
print(done / (time.process_time() - start))
