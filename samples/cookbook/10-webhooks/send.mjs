// Calls a workflow's own hook: HMAC-SHA256 over "time.body" with the secret that both sides know.
//   node send.mjs URL SECRET BODY
import crypto from 'node:crypto';

const [url, secret, body] = process.argv.slice(2);
const time = Math.floor(Date.now() / 1000);
const signature = crypto.createHmac('sha256', secret).update(`${time}.${body}`).digest('hex');
const reply = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'x-aegis-signature': `t=${time},v1=${signature}` },
  body,
});
console.log(reply.status, await reply.text());
process.exitCode = reply.ok ? 0 : 1;
