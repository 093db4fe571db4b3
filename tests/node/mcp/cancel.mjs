// cancel.mjs SERVER KEY TOOL: calls a tool, and cancels the call at the first word that it says of its progress.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, key, name] = process.argv.slice(2);
const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server),
  { requestInit: { headers: { authorization: `Bearer ${key}` } } }));
const stop = new AbortController();
let run = '';
await client.callTool({ name, arguments: {} }, undefined, {
  signal: stop.signal,
  onprogress: ({ message }) => {
    run = /run_\w+/.exec(message)?.[0] ?? run;
    if (message.endsWith('still here')) {
      stop.abort();
    }
  },
}).then(() => console.log('not cancelled'), () => console.log('cancelled', run));
// closing at once would take the cancellation back from the wire
await client.listTools();
await client.close();
