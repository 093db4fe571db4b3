import http from 'node:http';
import { total } from './src/cart.js';

const BODY_BYTES_MAX = 65_536;

function answer(reply, status, body) {
  reply.writeHead(status, { 'Content-Type': 'application/json' });
  reply.end(JSON.stringify(body));
}

async function read(request) {
  let text = '';
  for await (const piece of request) {
    text += piece;
    if (text.length > BODY_BYTES_MAX) return null;
  }
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

http.createServer(async (request, reply) => {
  if (request.url === '/health') {
    answer(reply, 200, { status: 'ok' });
  } else if (request.method === 'POST' && request.url === '/total') {
    const lines = await read(request);
    if (Array.isArray(lines)) answer(reply, 200, { cents: total(lines) });
    else answer(reply, 400, { error: 'a list of lines' });
  } else {
    answer(reply, 404, { error: 'no such page' });
  }
}).listen(Number(process.env.PORT ?? 8080), '127.0.0.1');
