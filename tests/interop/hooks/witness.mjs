// What the libraries of JavaScript say to a webhook of ours, and webhooks that they sign. Each line of the input asks one of them,
// each line of the output is its answer; it ends when its input does.
import assert from "node:assert";
import { generateKeyPairSync, randomBytes, sign as signed } from "node:crypto";
import { unlinkSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { isDeepStrictEqual } from "node:util";
import * as octokit from "@octokit/webhooks-methods";
import { HTTP } from "cloudevents";
import discord from "discord-interactions";
import * as standardwebhooks from "standardwebhooks";
import * as svix from "svix";

const LIBRARIES = { standardwebhooks, svix };

/** Whether the webhook holds, as a reader of the library's manual would ask. */
function verify({ library, secret, headers, body }) {
  const { Webhook, WebhookVerificationError } = LIBRARIES[library];
  try {
    new Webhook(secret).verify(Buffer.from(body, "base64"), headers);
    return { holds: true };
  } catch (error) {
    // Anything else is no judgement.
    if (!(error instanceof WebhookVerificationError)) throw error;
    return { refused: error.message };
  }
}

/** What the SDK of CloudEvents reads in a request, in either mode; it refuses one that is not as it has to be. */
function event({ headers, body }) {
  const { data, ...attributes } = HTTP.toEvent({ headers, body: Buffer.from(body, "base64").toString() }).toJSON();
  return { attributes: { ...attributes, time: Date.parse(attributes.time) / 1000 }, data };
}

const programs = new Map();

/** The program that the console's page gives, as a file beside this one: so it finds the libraries. */
async function imported(text) {
  if (!programs.has(text)) {
    const file = new URL(`program-${process.pid}-${programs.size}.mjs`, import.meta.url);
    writeFileSync(file, text);
    programs.set(text, await import(file.href).finally(() => unlinkSync(file)));
  }
  return programs.get(text);
}

/** Whether it takes the webhook. */
async function run({ program, secret, headers, body }) {
  process.env.WEBHOOK_SECRET = process.env.WEBHOOK_PUBLIC_KEY = secret;
  const { verified } = await imported(program);
  const bytes = Buffer.from(body, "base64");
  try {
    return { holds: isDeepStrictEqual(verified(bytes, headers), JSON.parse(bytes)) };
  } catch (error) {
    return { refused: error.message };
  }
}

function standard({ Webhook }, at) {
  const secret = `whsec_${randomBytes(32).toString("base64")}`;
  const body = '{"type":"comment","data":{"text":"Grüße 🎉"}}';
  const signature = new Webhook(secret).sign("msg_1", new Date(at * 1000), body);
  const headers = { "webhook-id": "msg_1", "webhook-timestamp": String(at), "webhook-signature": signature };
  return { proofs: { secret }, headers, body };
}

/** The library only verifies: what it takes is signed as it says. */
async function interactions(at) {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const key = Buffer.from(publicKey.export({ format: "jwk" }).x, "base64url").toString("hex");
  const body = '{"version":1,"type":1,"event":{"type":"APPLICATION_DEAUTHORIZED","data":{"user":{"username":"Grüße"}}}}';
  const signature = signed(null, Buffer.from(`${at}${body}`), privateKey).toString("hex");
  assert(await discord.verifyKey(body, signature, String(at), key));
  const headers = { "x-signature-timestamp": String(at), "x-signature-ed25519": signature };
  return { proofs: { public_key: key }, headers, body };
}

/** GitHub's scheme, which is Meta's. */
async function hub() {
  const secret = randomBytes(16).toString("hex");
  const body = '{"object":"page","entry":[{"id":"1","time":1,"changes":[]}],"text":"Gr\\u00fc\\u00dfe"}';
  const signature = await octokit.sign(secret, body);
  assert(await octokit.verify(secret, body, signature));
  return { proofs: { app_secret: secret, verify_token: "a-word" }, headers: { "x-hub-signature-256": signature }, body };
}

const CALLERS = {
  standardwebhooks: (at) => standard(standardwebhooks, at),
  svix: (at) => standard(svix, at),
  "discord-interactions": interactions,
  "@octokit/webhooks-methods": hub,
};

/** A webhook as this vendor sends it, with the secret that only this one has. */
async function sign({ library, at }) {
  const { body, ...made } = await CALLERS[library](at);
  return { ...made, query: "", body: Buffer.from(body).toString("base64") };
}

const ANSWERS = { verify, run, sign, event };

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    const asked = JSON.parse(line);
    answer = await ANSWERS[asked.ask](asked);
  } catch (error) {
    answer = { broke: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
