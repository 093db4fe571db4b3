// A plain request, for machines without curl.
//   node ask.mjs METHOD URL [BODY]
const [method, url, body] = process.argv.slice(2);
const reply = await fetch(url, { method, body });
console.log(reply.status, await reply.text());
process.exitCode = reply.ok ? 0 : 1;
