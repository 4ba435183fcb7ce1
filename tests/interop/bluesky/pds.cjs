// A personal data server as Bluesky ships it, with an in-memory directory of identities beside it, on loopback only. It
// says on its first line where it is, in JSON, and ends when its standard input does: so it never outlives whoever
// started it. Everything it stores lies in the folder that it is given.
"use strict";

const { randomBytes } = require("node:crypto");
const { once } = require("node:events");
const { mkdirSync } = require("node:fs");
const path = require("node:path");
const { PDS, envToCfg, envToSecrets, readEnv } = require("@atproto/pds");
const plc = require("@did-plc/server");

/** Makes a server listen on loopback, whatever address it would choose. */
function onLoopback(app) {
  const listen = app.listen.bind(app);
  app.listen = (port) => listen(port, "127.0.0.1");
}

/** A port that is free now. */
async function freePort() {
  const server = require("node:net").createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}

async function main(folder) {
  mkdirSync(folder, { recursive: true });
  const directory = plc.PlcServer.create({ db: plc.Database.mock(), port: await freePort() });
  onLoopback(directory.app);
  const at = (await directory.start()).address().port;
  const port = await freePort();
  Object.assign(process.env, {
    PDS_PORT: String(port),
    PDS_HOSTNAME: "localhost",
    PDS_DATA_DIRECTORY: folder,
    PDS_BLOBSTORE_DISK_LOCATION: path.join(folder, "blobs"),
    PDS_DID_PLC_URL: `http://127.0.0.1:${at}`,
    PDS_INVITE_REQUIRED: "false",
    PDS_DEV_MODE: "true",
    PDS_DISABLE_SSRF_PROTECTION: "true",
    PDS_RATE_LIMITS_ENABLED: "true",
    PDS_JWT_SECRET: randomBytes(16).toString("hex"),
    PDS_ADMIN_PASSWORD: randomBytes(16).toString("hex"),
    PDS_PLC_ROTATION_KEY_K256_PRIVATE_KEY_HEX: randomBytes(32).toString("hex"),
    LOG_ENABLED: process.env.LOG_ENABLED ?? "false",
  });
  const env = readEnv();
  const pds = await PDS.create(envToCfg(env), envToSecrets(env));
  onLoopback(pds.app);
  await pds.start();
  console.log(JSON.stringify({ url: `http://127.0.0.1:${port}` }));
  process.stdin.resume();
  await once(process.stdin, "end");
  process.exit(0);
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
