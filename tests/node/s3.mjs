// An S3 store that is not ours, for deploy.static: s3rver on loopback. Arguments: FOLDER [PORT [WRITES]]. With
// WRITES it dies in the middle of the write after that many. Says its port, then every request with a body.
import { createRequire } from "node:module";
import http from "node:http";

const S3rver = createRequire(import.meta.url)("s3rver");
const [folder, port = "0", writes] = process.argv.slice(2);
const store = new S3rver({
  address: "127.0.0.1", port: 0, silent: true, directory: folder, configureBuckets: [{ name: "site" }],
});
await store.configureBuckets();
const answer = store.callback();
let written = 0;
const server = http.createServer((request, reply) => {
  console.log(`${request.method} ${request.url}${"x-amz-copy-source" in request.headers ? " copy" : ""}`);
  if (request.method === "PUT" && ++written > Number(writes ?? Infinity)) {
    request.once("data", () => process.exit(9));
    request.once("end", () => process.exit(9));
    return;
  }
  // it reads the name of a copy's source with decodeURI, which leaves the slashes as they were sent
  const source = request.headers["x-amz-copy-source"];
  if (source) {
    request.headers["x-amz-copy-source"] = source.replaceAll("%2F", "/");
  }
  answer(request, reply);
});
server.listen(Number(port), "127.0.0.1", () => console.log(`port ${server.address().port}`));
