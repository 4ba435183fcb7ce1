// Reads a page of the due index over and over: entries per second of processor time.
import { readFileSync } from "node:fs";

const text = readFileSync(process.argv[2], "utf8");
const spent = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1e6; };
const start = spent();
let done = 0;
while (spent() - start < 2) {
  for (const item of JSON.parse(text).Items) {
    const [tenant, post] = item.PK.S.split("#P#");
    const [at, seen, sent, platform] = item.gsi1sk.S.split("#");
    const entry = { tenant, post, account: item.SK.S.slice(4), at: +at, seen: +seen, sent: sent === "s", platform };
    if (entry.at > 0) done += 1;
  }
}
console.log(done / (spent() - start));
