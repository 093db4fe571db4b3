// fix.mjs SERVER KEY REPOSITORY: the TypeScript SDK's client asks for a repair, and says what it hears.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';

const [server, key, repository] = process.argv.slice(2);
const client = new Client({ name: 'test', version: '1' }, { capabilities: {} });
await client.connect(new StreamableHTTPClientTransport(new URL('/mcp', server),
  { requestInit: { headers: { authorization: `Bearer ${key}` } } }));
const { tools } = await client.listTools();
const fix = tools.find((tool) => tool.name === 'fix');
console.log(Object.keys(fix.inputSchema.properties).sort().join(' '));
const result = await client.callTool({ name: 'fix', arguments: { framework: 'node:test' },
  _meta: { 'aegis/repository': repository } }, undefined, { timeout: 120_000 });
console.log(result.isError ? 'failed' : 'done', JSON.stringify(result.structuredContent ?? result.content));
await client.close();
