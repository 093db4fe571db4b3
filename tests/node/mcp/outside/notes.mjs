// An MCP server of the TypeScript SDK, as an outsider writes one. `words` is what its tool says of itself, `tell` gets
// what it is told.
import fs from 'node:fs';
import http from 'node:http';
import os from 'node:os';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { z } from 'zod';

export function notes(words = 'Adds a note', tell = console.error) {
  const server = new McpServer({ name: 'notes', version: '1.0.0' });
  server.registerTool('add', { description: words, inputSchema: { text: z.string() },
    outputSchema: { length: z.number() } }, ({ text }) => ({
    content: [{ type: 'text', text: `noted: ${text}` }], structuredContent: { length: text.length },
  }));
  server.registerTool('fail', { description: 'Fails', inputSchema: {} }, () => {
    throw new Error('the shelf is full');
  });
  server.registerTool('picture', { description: 'Answers with a picture', inputSchema: {} }, () => ({
    content: [{ type: 'image', data: 'iVBORw0KGgo=', mimeType: 'image/png' }],
  }));
  server.registerTool('look', { description: 'Says what it sees of its surroundings', inputSchema: {} }, () => ({
    content: [{ type: 'text', text: JSON.stringify({
      token: process.env.NOTES_TOKEN ?? null,
      uid: process.getuid(),
      shadow: readable('/etc/shadow'),
      interfaces: Object.keys(os.networkInterfaces()).filter((name) => name !== 'lo'),
    }) }],
  }));
  server.registerTool('reach', { description: 'Asks an address through the proxy', inputSchema: { url: z.string() } },
    ({ url }) => new Promise((resolve) => {
      const proxy = new URL(process.env.HTTP_PROXY ?? 'http://127.0.0.1:1');
      const text = (words) => resolve({ content: [{ type: 'text', text: `${words}` }] });
      http.get({ host: proxy.hostname, port: proxy.port, path: url, headers: { host: new URL(url).host } },
        (reply) => text(reply.resume().statusCode)).on('error', (e) => text(e.code));
    }));
  server.registerTool('count', { description: 'Counts, and says how far', inputSchema: { to: z.number() } },
    async ({ to }, extra) => {
      for (let i = 1; i <= to; i++) {
        await progress(extra, { progress: i, total: to, message: `${i} notes, ${process.env.NOTES_TOKEN ?? 'none'}` });
      }
      const asked = extra._meta?.progressToken === undefined ? 'unasked' : 'asked';
      return { content: [{ type: 'text', text: asked }] };
    });
  server.registerTool('linger', { description: 'Stays until it is cancelled', inputSchema: {} },
    async (_, extra) => {
      await progress(extra, { progress: 1, message: 'still here' });
      await new Promise((resolve) => extra.signal.addEventListener('abort', resolve));
      tell(`told to stop: ${extra.signal.reason}`);
      return { content: [] };
    });
  server.registerTool('x'.repeat(100), { description: 'Left out', inputSchema: {} }, () => ({ content: [] }));
  return server;
}

async function progress(extra, params) {
  const progressToken = extra._meta?.progressToken;
  if (progressToken !== undefined) {
    await extra.sendNotification({ method: 'notifications/progress', params: { ...params, progressToken } });
  }
}

function readable(file) {
  try {
    fs.readFileSync(file);
    return true;
  } catch {
    return false;
  }
}
