// What the libraries of JavaScript say to a webhook. Each line of the input asks one of them, each line of the output is its
// answer; it ends when its input does.
import { createInterface } from "node:readline";
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

for await (const line of createInterface({ input: process.stdin })) {
  let answer;
  try {
    answer = verify(JSON.parse(line));
  } catch (error) {
    answer = { broke: String(error?.stack ?? error) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
