// npm install standardwebhooks
import { Webhook } from "standardwebhooks";

/**
 * The event. Throws where the request is not Herald's, was changed, or is older than five minutes.
 * `body` is the body of the request byte for byte (in Express: express.raw), not parsed and written again.
 */
export function verified(body, headers) {
  return new Webhook(process.env.WEBHOOK_SECRET).verify(body, headers);
}
