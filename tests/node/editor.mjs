// Drives yaml-language-server as an editor does, over its own protocol. Argument: a file of JSON {"schema": path, "asks":
// [{"kind": "complete" | "hover" | "diagnose", "text", "line", "character"}]}; output: an array of answers.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const { StreamMessageReader, StreamMessageWriter, createMessageConnection } =
  createRequire(import.meta.url)('vscode-jsonrpc/node');
const program = new URL('node_modules/yaml-language-server/bin/yaml-language-server', import.meta.url).pathname;

const { schema, asks } = JSON.parse(readFileSync(process.argv[2], 'utf8'));

const server = spawn(process.execPath, [program, '--stdio'], { stdio: ['pipe', 'pipe', 'inherit'] });
const connection = createMessageConnection(
  new StreamMessageReader(server.stdout), new StreamMessageWriter(server.stdin));
const waiting = new Map();
connection.onNotification('textDocument/publishDiagnostics', ({ uri, diagnostics }) => waiting.get(uri)?.(diagnostics));
connection.onRequest('workspace/configuration', ({ items }) => items.map(() => null));
connection.onRequest('client/registerCapability', () => null);
connection.listen();

await connection.sendRequest('initialize', {
  processId: process.pid, rootUri: null,
  capabilities: {
    textDocument: {
      completion: { completionItem: { snippetSupport: true, documentationFormat: ['markdown'] } },
      hover: { contentFormat: ['markdown'] }, publishDiagnostics: {},
    },
  },
});
connection.sendNotification('initialized', {});
connection.sendNotification('workspace/didChangeConfiguration', {
  settings: { yaml: { validate: true, hover: true, completion: true, schemaStore: { enable: false } } },
});

const answers = [];
for (const [index, ask] of asks.entries()) {
  const uri = `file:///workflows/${index}.yaml`;
  // the line by which a file names its schema
  const text = `# yaml-language-server: $schema=${pathToFileURL(schema)}\n${ask.text}`;
  const told = new Promise((resolve) => waiting.set(uri, resolve));
  connection.sendNotification('textDocument/didOpen',
    { textDocument: { uri, languageId: 'yaml', version: 1, text } });
  const place = { textDocument: { uri }, position: { line: ask.line + 1, character: ask.character } };
  const diagnostics = await told;
  if (ask.kind === 'diagnose') {
    answers.push(diagnostics.map((d) => `${d.range.start.line - 1}:${d.range.start.character} ${d.message}`));
  } else if (ask.kind === 'hover') {
    answers.push([(await connection.sendRequest('textDocument/hover', place))?.contents?.value ?? '']);
  } else {
    const found = await connection.sendRequest('textDocument/completion', place);
    answers.push(found.items.map((i) => i.label));
  }
}
process.stdout.write(JSON.stringify(answers));
connection.dispose();
server.kill();
