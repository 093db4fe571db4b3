// inspector.mjs SERVER KEY: the MCP inspector's command line, over HTTP.
import { ask } from './inspect.mjs';

const [server, key] = process.argv.slice(2);
const target = [new URL('/mcp', server).href, '--transport', 'http', '--header', `Authorization: Bearer ${key}`];

const { tools } = await ask(target, '--method', 'tools/list');
console.log('listed', tools.find((t) => t.name === 'test_simple_text').name);
const answer = await ask(target, '--method', 'tools/call', '--tool-name', 'test_simple_text');
console.log('called', answer.content[0].text);
