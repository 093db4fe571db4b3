// stdio.mjs: the notes over pipes.
import { StdioServerTransport } from '@modelcontextprotocol/sdk/server/stdio.js';
import { notes } from './notes.mjs';

console.error('the notes are open');
await notes().connect(new StdioServerTransport());
