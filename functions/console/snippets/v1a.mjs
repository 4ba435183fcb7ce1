// Node.js brings all of it along.
import { createPublicKey, verify } from "node:crypto";

/**
 * The event. Throws where the request is not Herald's, was changed, or is older than five minutes.
 * `body` is the body of the request byte for byte (in Express: express.raw), not parsed and written again.
 */
export function verified(body, headers) {
  const sentAt = headers["webhook-timestamp"];
  if (!(Math.abs(Date.now() / 1000 - Number(sentAt)) <= 300)) throw new Error("too old, or of later");
  const x = Buffer.from(process.env.WEBHOOK_PUBLIC_KEY.replace("whpk_", ""), "base64").toString("base64url");
  const key = createPublicKey({ key: { kty: "OKP", crv: "Ed25519", x }, format: "jwk" });
  const signed = Buffer.concat([Buffer.from(`${headers["webhook-id"]}.${sentAt}.`), Buffer.from(body)]);
  // While a key is replaced there are two signatures.
  const isSigned = (one) => one.startsWith("v1a,") && verify(null, signed, key, Buffer.from(one.slice(4), "base64"));
  if (!headers["webhook-signature"]?.split(" ").some(isSigned)) throw new Error("no signature is right");
  return JSON.parse(body);
}
