// The outside world of the recipes, as small as it can be: a service that fails now and then, a job that takes its
// time, sales figures, a switch, and a receiver of signed webhooks. Everything it was asked stands under /seen.
//   node service.mjs PORT
import crypto from 'node:crypto';
import http from 'node:http';

const SEEN_MAX = 10_000;
const BODY_BYTES_MAX = 1 << 20;
const WEBHOOK_AGE_SECONDS_MAX = 300;

const seen = [];
const asked = new Map();
const switchedOn = new Set();

/** How often this was asked before. */
function countOf(key) {
  const count = asked.get(key) ?? 0;
  asked.set(key, count + 1);
  return count;
}

// Standard Webhooks: HMAC-SHA256 over "id.timestamp.body", and a timestamp that is not old
function signatureHolds(headers, body, secret) {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': given = '' } = headers;
  const want = Buffer.from(crypto.createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64'));
  const fresh = Math.abs(Date.now() / 1000 - Number(at)) <= WEBHOOK_AGE_SECONDS_MAX;
  return fresh && given.split(' ').map((one) => Buffer.from(one.replace(/^v1,/, '')))
    .some((one) => one.length === want.length && crypto.timingSafeEqual(one, want));
}

const doors = [
  // fails with 503 as many times as it is told, then answers
  ['GET', /^\/flaky\/(\w+)\/(\d+)$/, (_, name, times) =>
    (countOf(`flaky ${name}`) < Number(times) ? [503, { error: 'busy' }] : [200, { version: '2.4.1' }])],
  // a job that is ready when it was asked for the n-th time
  ['POST', /^\/jobs\/(\w+)$/, (_, name) => [202, { job: name }]],
  ['GET', /^\/jobs\/(\w+)\/(\d+)$/, (_, name, nth) => [200, countOf(`job ${name}`) + 1 < Number(nth)
    ? { state: 'building' } : { state: 'ready', size: 48213 }]],
  ['GET', /^\/sales\/(\w+)$/, (_, region) =>
    [200, { region, total: { eu: 1200, us: 950, asia: 1430 }[region] ?? 'not counted yet' }]],
  ['PUT', /^\/switch\/(\w+)$/, (_, name) => [200, { on: Boolean(switchedOn.add(name)) }]],
  ['GET', /^\/switch\/(\w+)$/, (_, name) => (switchedOn.has(name) ? [200, { on: true }] : [503, { on: false }])],
  ['POST', /^\/chat$/, () => [200, { ok: true }]],
  // receivers know the secret; here it stands in the address, so that one service serves every recipe
  ['POST', /^\/hook\/(\w+)$/, ({ headers, body }, secret) =>
    (signatureHolds(headers, body, secret) ? [204] : [401, { error: 'signature' }])],
  ['GET', /^\/seen$/, () => [200, seen]],
];

function answer(asking) {
  for (const [method, pattern, act] of doors) {
    const found = method === asking.method && pattern.exec(asking.url);
    if (found) return act(asking, ...found.slice(1));
  }
  return [404, { error: 'no such door' }];
}

const server = http.createServer(async (request, reply) => {
  let body = '';
  for await (const piece of request.setEncoding('utf8')) {
    body += piece;
    if (body.length > BODY_BYTES_MAX) return request.destroy();
  }
  const { method, url, headers } = request;
  const [status, json] = answer({ method, url, headers, body });
  if (url !== '/seen' && seen.length < SEEN_MAX) seen.push({ at: Date.now(), method, url, status, headers, body });
  reply.writeHead(status, { 'content-type': 'application/json' }).end(json && JSON.stringify(json));
});
server.listen(Number(process.argv[2] ?? 8090), '127.0.0.1', () =>
  console.log(`listening on 127.0.0.1:${server.address().port}`));
