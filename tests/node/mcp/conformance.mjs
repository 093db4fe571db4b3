// conformance.mjs SERVER KEY REVISION [SCENARIO…]: the required server scenarios of a revision, and those that the
// suite runs without scoring them where they are named; says which fail, and in what.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { withKey } from './proxy.mjs';
import { run } from './program.mjs';

const suite = '@modelcontextprotocol/conformance/dist/index.js';
const [server, key, revision, ...further] = process.argv.slice(2);
const proxy = await withKey(server, key);
const results = fs.mkdtempSync(path.join(os.tmpdir(), 'mcp-conformance-'));
try {
  const required = await requiredScenarios();
  const { code, out, err } = await run(suite,
    ['server', '--url', proxy.url, '--requirements', revision, '--output-dir', results]);
  const failing = [...required, ...further].filter((scenario) => wrong(scenario).length > 0);
  process.stdout.write(`${required.length} required scenarios and ${further.length} further, ${failing.length} failing\n`);
  for (const scenario of failing) {
    process.stderr.write(`${scenario}: ${wrong(scenario).join('; ')}\n`);
  }
  if (code !== 0 || failing.length > 0) {
    process.stderr.write(out.slice(-3_000) + err.slice(-3_000));
    process.exitCode = 1;
  }
} finally {
  fs.rmSync(results, { recursive: true, force: true });
  proxy.close();
}

async function requiredScenarios() {
  const { out } = await run(suite, ['list', '--requirements', revision, '--server']);
  const names = /Server scenarios[^\n]*\n((?:\s+- .*\n)+)/.exec(out)?.[1] ?? '';
  return names.split('\n').map((line) => line.replace(/^\s*-\s*/, '').trim()).filter(Boolean);
}

// what went wrong in a scenario; one without a record was not run
function wrong(scenario) {
  const folder = fs.readdirSync(results).find((name) => name.replace(/-\d{4}-\d\d-\d\dT[\d-]+Z$/, '') === `server-${scenario}`);
  if (!folder) {
    return ['not run'];
  }
  return JSON.parse(fs.readFileSync(path.join(results, folder, 'checks.json'), 'utf8'))
    .filter((check) => check.status === 'FAILURE').map((check) => `${check.id} ${check.errorMessage ?? ''}`);
}
