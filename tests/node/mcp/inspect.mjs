// One question of the inspector's command line.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { run } from './program.mjs';

const inspector = '@modelcontextprotocol/inspector/clients/launcher/build/index.js';

export async function ask(target, ...words) {
  // it keeps a catalogue in its home
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'mcp-inspector-'));
  try {
    const { code, out, err } = await run(inspector, ['--cli', ...target, ...words],
      { env: { MCP_CATALOG_PATH: path.join(home, 'mcp.json') } });
    if (code !== 0) {
      throw new Error(`status ${code}: ${err}${out}`);
    }
    return JSON.parse(out);
  } finally {
    fs.rmSync(home, { recursive: true, force: true });
  }
}
