// client.mjs SERVER KEY: the TypeScript SDK's client, which can send a key by itself.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, key] = process.argv.slice(2);
const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server),
  { requestInit: { headers: { authorization: `Bearer ${key}` } } }));

const wanted = ['flow.noop', 'shell.exec', 'test_simple_text'];
const { tools } = await client.listTools();
console.log('tools', ...tools.map((t) => t.name).filter((n) => wanted.includes(n)));

const called = await client.callTool({ name: 'flow.noop', arguments: { value: 'hello' } });
console.log('called', called.content[0].text);

const refused = await client.callTool({ name: 'flow.noop', arguments: { nosuch: 1 } });
console.log('refused', refused.isError && refused._meta['aegis/error'].code);

const steps = [];
await client.callTool({ name: 'test_tool_with_progress', arguments: {} }, undefined,
  { onprogress: (p) => steps.push(p.progress) });
console.log('progress', ...steps);

const stop = new AbortController();
const slow = client.callTool({ name: 'shell.exec', arguments: { cmd: 'sleep 60' },
  _meta: { 'aegis/policy': { allow_commands: ['sleep'] } } }, undefined,
{ signal: stop.signal, onprogress: () => stop.abort() });
await slow.then(() => console.log('not cancelled'), () => console.log('cancelled'));

const prompt = await client.getPrompt({ name: 'test_simple_prompt' });
console.log('prompt', prompt.messages[0].content.text);
const resource = await client.readResource({ uri: 'test://static-text' });
console.log('resource', resource.contents[0].text);
await client.close();
