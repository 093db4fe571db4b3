// progress.mjs SERVER KEY: what the TypeScript SDK's client hears of calls that become runs.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, key] = process.argv.slice(2);
const headers = { authorization: `Bearer ${key}` };
const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
// a notification for a request that has its answer already comes out here
const late = [];
client.onerror = (error) => late.push(error.message);
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server), { requestInit: { headers } }));

async function call(name, args, policy, each = () => {}, signal = undefined) {
  const heard = [];
  const meta = policy && { 'aegis/policy': policy };
  const result = await client.callTool({ name, arguments: args, _meta: meta }, undefined, {
    signal,
    onprogress: (progress) => {
      heard.push(progress);
      each(progress.message);
    },
  }).catch((error) => ({ error: error.message }));
  await client.listTools();
  const grows = heard.every((p, i) => i === 0 || p.progress > heard[i - 1].progress);
  console.log(name, result.error ? 'cancelled' : result.isError ? 'failed' : 'succeeded', grows ? 'growing' : heard);
  return heard;
}

function told(heard) {
  for (const { progress, total, message } of heard) {
    console.log(`${Math.floor(progress)}/${total}`, message.replace(/run_\w+/, 'RUN'));
  }
}

async function grant(approval) {
  const reply = await fetch(new URL(`/v1/approvals/${approval}:grant`, server), { method: 'POST', headers });
  if (!reply.ok) {
    console.log(await reply.text());
  }
}

let child;
told(await call('workflow.run', { workflow: 'line' }, undefined, (message) => {
  child = /stands on (run_\w+)/.exec(message)?.[1] ?? child;
  if (message === 'step b: waiting for approval') {
    grant(`${child}.b`);
  }
}));
told(await call('file.read', { path: 'none.txt' }));

const stop = new AbortController();
const cut = await call('shell.exec', { cmd: 'echo first words; sleep 60' }, { allow_commands: ['echo', 'sleep'] },
  (message) => message.includes('first words') && stop.abort(), stop.signal);
told(cut.slice(-1));
// nothing comes any more: not while its run ends, and not behind it
const uri = `run://${/run_\w+/.exec(cut[0].message)[0]}`;
let status;
do {
  status = JSON.parse((await client.readResource({ uri })).contents[0].text).status;
} while (status !== 'cancelled');
console.log('late', late.length, ...late);
await client.close();
