// An authorization server that is certified for OpenID Connect, on loopback only: one for each way in which platforms know a
// client. It says on its first line where they are, in JSON, and ends when its standard input does: so it never outlives whoever
// started it. It keeps everything in memory.
import { once } from "node:events";
import { createServer } from "node:http";
import { Provider } from "oidc-provider";

// Nobody reads more than the first line.
console.info = console.error;

/** What the tests register with: a secret and an address with everything in them that an encoding can get wrong. */
const CLIENT = {
  client_id: "herald+id:1",
  client_secret: "s:e/c r%2Bet+&=~?",
  redirect_uris: ["http://127.0.0.1:1/callback?of=x%20y", "http://127.0.0.1:1/elsewhere"],
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
};

/** A server with a platform's addresses. */
async function start(method, isProofRequired, scopes, routes) {
  const http = createServer().listen(0, "127.0.0.1");
  await once(http, "listening");
  const url = `http://127.0.0.1:${http.address().port}`;
  const provider = new Provider(url, {
    clients: [{ ...CLIENT, token_endpoint_auth_method: method, scope: scopes.join(" ") }],
    clientBasedCORS: () => false,
    cookies: { keys: ["of a test"] },
    features: { devInteractions: { enabled: true }, revocation: { enabled: true } },
    issueRefreshToken: async () => true,
    pkce: { required: () => isProofRequired },
    rotateRefreshToken: true,
    routes,
    scopes,
    ttl: { AccessToken: 7200, Grant: 86_400, IdToken: 600, Interaction: 600, RefreshToken: 86_400, Session: 600 },
  });
  http.on("request", provider.callback());
  return url;
}

const told = {
  client: CLIENT,
  // As X: a header, and a proof that who exchanges is who asked.
  basic: await start("client_secret_basic", true, ["tweet.read", "tweet.write", "users.read", "offline.access", "media.write"], {
    authorization: "/i/oauth2/authorize",
    token: "/2/oauth2/token",
    revocation: "/2/oauth2/revoke",
    userinfo: "/me",
  }),
  // As LinkedIn: fields of the body, and no proof.
  body: await start("client_secret_post", false, ["openid", "profile", "w_member_social"], {
    authorization: "/authorization",
    token: "/accessToken",
    revocation: "/revoke",
    userinfo: "/me",
  }),
};
console.log(JSON.stringify(told));
process.stdin.resume();
await once(process.stdin, "end");
process.exit(0);
