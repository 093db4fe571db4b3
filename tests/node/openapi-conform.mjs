// Sends valid and invalid requests to every operation of a served document, and holds each answer against what the
// document declares for it: status, media type, schema. Prints what does not hold, and at the end the count.
import { readFileSync } from "node:fs";
import { answerOf, judge } from "./conform/answers.mjs";
import { requestsFor } from "./conform/requests.mjs";

const { url, keys, ids, bodies, secret } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const document = await (await fetch(`${url}/openapi/v1.json`)).json();
const judged = judge(document);

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, said]) => ({ path, method: method.toUpperCase(), said })));
// what replaces and what deletes comes last: the others need what is there
const order = ["GET", "POST", "PUT", "DELETE"];
operations.sort((a, b) => order.indexOf(a.method) - order.indexOf(b.method));

let sent = 0;
const wrong = [];
for (const operation of operations) {
  let passed = 0;
  for (const request of requestsFor(document, operation, { keys, ids, bodies, secret })) {
    const answer = await answerOf(url, operation.method, request);
    sent++;
    passed += answer.status < 400 ? 1 : 0;
    const faults = judged(operation.said, answer);
    if (request.expect && !request.expect.includes(answer.status)) {
      faults.push(`expected ${request.expect.join(" or ")}`);
    }
    wrong.push(...faults.map(fault =>
      `${operation.said.operationId}, ${request.what}: ${answer.status} ${fault} ${answer.text.slice(0, 300)}`));
  }
  if (passed === 0) {
    wrong.push(`${operation.said.operationId}: no request of it passed, so its answer was not looked at`);
  }
}
for (const line of wrong) {
  console.log(line);
}
console.log(`${operations.length} operations, ${sent} requests, ${wrong.length} wrong`);
