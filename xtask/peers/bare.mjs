// The smallest function in Node, for comparison with the start of ours: the Lambda Runtime API's loop and nothing else.
import http from "node:http";

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true });
const ask = (method, path, body) =>
  new Promise((resolve, reject) => {
    const request = http.request({ host, port, agent, method, path: `/2018-06-01/runtime/invocation/${path}` }, (answer) => {
      const parts = [];
      answer.on("data", (part) => parts.push(part));
      answer.on("end", () => resolve([answer.headers, Buffer.concat(parts).toString()]));
    });
    request.on("error", reject).end(body);
  });
for (;;) {
  const [headers, event] = await ask("GET", "next");
  await ask("POST", `${headers["lambda-runtime-aws-request-id"]}/response`, JSON.stringify(JSON.parse(event)));
}
