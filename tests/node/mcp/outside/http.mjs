// http.mjs: the notes over HTTP on loopback, for whoever has the token; prints its address. A line on its input is
// what the tool says of itself from then on. Ends with its input.
import http from 'node:http';
import readline from 'node:readline';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import { notes } from './notes.mjs';

let words = 'Adds a note';
const server = http.createServer(async (request, reply) => {
  if (request.url !== '/mcp' || request.headers.authorization !== 'Bearer open-sesame-5f1c9d7e2b44') {
    reply.writeHead(401).end();
    return;
  }
  const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
  reply.on('close', () => transport.close());
  await notes(words).connect(transport);
  await transport.handleRequest(request, reply);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/mcp`));
for await (const line of readline.createInterface({ input: process.stdin })) {
  words = line;
  console.log('said');
}
server.closeAllConnections();
server.close();
