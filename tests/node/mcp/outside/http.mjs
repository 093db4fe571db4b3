// http.mjs: the notes over HTTP on loopback, for whoever has the token; prints its address. A line on its input is
// what the tool says of itself from then on, and what it prints then is what it was told. Ends with its input.
import { randomUUID } from 'node:crypto';
import http from 'node:http';
import readline from 'node:readline';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { notes } from './notes.mjs';

let words = 'Adds a note';
const sessions = new Map();
const server = http.createServer(async (request, reply) => {
  if (request.url !== '/mcp' || request.headers.authorization !== 'Bearer open-sesame-5f1c9d7e2b44') {
    reply.writeHead(401).end();
    return;
  }
  await (sessions.get(request.headers['mcp-session-id']) ?? await begun()).handleRequest(request, reply);
});

async function begun() {
  const transport = new StreamableHTTPServerTransport({
    sessionIdGenerator: randomUUID,
    onsessioninitialized: (id) => sessions.set(id, transport),
    onsessionclosed: (id) => sessions.delete(id),
  });
  await notes(words, (text) => console.log(text)).connect(transport);
  return transport;
}

server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
for await (const line of readline.createInterface({ input: process.stdin })) {
  words = line;
  console.log('said');
}
server.closeAllConnections();
server.close();
process.exit();
