// inspector-stdio.mjs SERVER KEY CLI: the MCP inspector's command line, over `aegis mcp`.
import { ask } from './inspect.mjs';

const [server, key, cli] = process.argv.slice(2);
const target = ['-e', `AEGIS_URL=${server}`, '-e', `AEGIS_KEY=${key}`, 'dotnet', cli, 'mcp'];

const { tools } = await ask(target, '--method', 'tools/list');
console.log('listed', tools.find((t) => t.name === 'flow.noop').name);
const answer = await ask(target, '--method', 'tools/call', '--tool-name', 'flow.noop', '--tool-arg', 'value=hello');
console.log('called', answer.content[0].text);
