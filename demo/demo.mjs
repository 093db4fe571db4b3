// The first path, shown and judged from outside: two sample repositories, each with a defect that review finds and
// a commit that repairs it; a server killed in the middle of a build; a ledger that names what was tampered with.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { broken, claim, heading, note, sum } from './claims.mjs';
import { bareRepository, must, processesNaming, pullRequests, removeFolder, sql } from './outside.mjs';
import { Product, until } from './product.mjs';
import { tamper } from './tamper.mjs';

const root = path.join(path.dirname(fileURLToPath(import.meta.url)), '..');
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'aegis-demo-'));
const product = new Product(root, folder);

const samples = path.join(root, 'samples');
const workflow = (name) => path.join(samples, 'workflows', `${name}.yaml`);
const makeRepository = (name, ...words) =>
  must('bash', [path.join(samples, 'make-repo.sh'), name, path.join(folder, name), ...words]).split(' ');
const task = (seen, step) => seen.tasks.find((one) => one.step_id === step) ?? {};
const states = (seen) => Object.fromEntries(seen.tasks.map((one) => [one.step_id, one.conclusion ?? one.status]));
const log = (run, step) => product.aegis('logs', run, step).out;

function clean() {
  product.endNow();
  removeFolder(folder);
}

async function nodeSample() {
  heading('The Node sample: a branch whose new feature calls eval');
  const [branch, defective] = makeRepository('node-app');
  const repository = path.join(folder, 'node-app');
  const profile = path.join(samples, 'profiles/feature-branch-ci');
  note(product.aegis('profile', 'set', path.join(profile, 'profile.yaml'), path.join(profile, 'rehearsal.yaml'))
    .out.trim());

  const first = await product.ended(product.begin(workflow('feature-branch-ci'), repository, branch));
  note(`${first.run_id} on ${defective.slice(0, 8)}: ${JSON.stringify(states(first))}`);
  claim('the run on the defective commit fails', first.status === 'failed', first);
  claim('plan and build went well before it', task(first, 'plan').conclusion === 'success'
    && task(first, 'build').conclusion === 'success', states(first));
  const review = log(first.run_id, 'qa');
  claim('it fails at QA: eslint finds eval in src/discount.js', task(first, 'qa').conclusion === 'failure'
    && /discount\.js/.test(review) && /no-eval/.test(review), review);
  claim('no pull request is made', pullRequests(bareRepository(product.home, 'node-app')).length === 0,
    pullRequests(bareRepository(product.home, 'node-app')));

  heading('The next commit repairs it; the server is killed in the middle of the build');
  const [, repaired] = makeRepository('node-app', '--repair');
  const second = product.begin(workflow('feature-branch-ci'), repository, branch);
  await until('the build runs', 60_000, () => /added|npm|\$/.test(log(second, 'build'))
    || task(product.ask('runs', 'show', second), 'build').status === 'running');
  const killed = product.id;
  await product.kill();
  claim('kill -9 ended the server while the build ran', !fs.existsSync(`/proc/${killed}`), killed);
  await product.start();
  note(`a new server took over (process ${product.id})`);
  const done = await product.ended(second);
  note(`${second} on ${repaired.slice(0, 8)}: ${JSON.stringify(states(done))}`);
  claim('the run goes on from where it was and succeeds', done.status === 'succeeded', done);
  claim('the build was tried again', task(done, 'build').attempt === 2, task(done, 'build'));
  const bare = bareRepository(product.home, 'node-app');
  claim('git sees one pull request, at the repaired commit',
    JSON.stringify(pullRequests(bare)) === JSON.stringify([[1, repaired]]), pullRequests(bare));
  const left = processesNaming('bwrap').filter(([, line]) => line.includes(folder));
  claim('no process of the killed build is left', left.length === 0, left);
  return { first: first.run_id, second };
}

async function pythonSample() {
  heading('The Python sample: a branch that hands file names to a shell');
  const [branch] = makeRepository('python-app');
  const repository = path.join(folder, 'python-app');
  const first = await product.ended(product.begin(workflow('python-ci'), repository, branch));
  note(`${first.run_id}: ${JSON.stringify(states(first))}`);
  const review = log(first.run_id, 'qa');
  claim('bandit finds shell=True in stocktake/archive.py (B602) and the run fails', first.status === 'failed'
    && task(first, 'qa').conclusion === 'failure' && /archive\.py/.test(review) && /B602/.test(review), review);
  claim('its tests pass all the same', task(first, 'tests').conclusion === 'success', task(first, 'tests'));

  const [, repaired] = makeRepository('python-app', '--repair');
  const second = await product.ended(product.begin(workflow('python-ci'), repository, branch));
  note(`${second.run_id}: ${JSON.stringify(states(second))}`);
  claim('the repaired commit passes', second.status === 'succeeded', second);
  const found = pullRequests(bareRepository(product.home, 'python-app'));
  claim('git sees one pull request, at the repaired commit',
    JSON.stringify(found) === JSON.stringify([[1, repaired]]), found);
}

function ledgerInSql(runs) {
  heading('The ledger, asked with psql');
  const facts = sql(product.home, `
    SELECT s.stream_id, e.type, convert_from(e.payload, 'UTF8')::jsonb ->> 'step_id', count(*)
      FROM events e JOIN streams s USING (stream_key)
     WHERE s.stream_id = '${runs.second}' GROUP BY 1, 2, 3`);
  const count = (type, step) =>
    Number(facts.find(([, one, of]) => one === type && (step === undefined || of === step))?.[3] ?? 0);
  const steps = ['plan', 'build', 'qa', 'tests', 'pr'];
  claim('each task of the killed run was completed exactly once',
    steps.every((step) => count('TaskCompleted', step) === 1), facts);
  claim('what was done before the kill was not done again', count('TaskStarted', 'plan') === 1, facts);
  const gaps = sql(product.home, `
    SELECT stream_key FROM events GROUP BY stream_key HAVING count(*) <> max(version) OR min(version) <> 1`);
  claim('no stream has a gap', gaps.length === 0, gaps);
  const settings = sql(product.home, `SELECT name, setting FROM pg_settings
    WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit') ORDER BY name`);
  claim('every commit was durable', settings.every(([, value]) => value === 'on'), settings);
}

async function sentence() {
  heading('From a sentence to a running API: the words of the models are scripted, nothing else is');
  const began = Date.now();
  product.aegis('profile', 'set', path.join(samples, 'line/profile.yaml'), path.join(samples, 'line/rehearsal.yaml'));
  const run = product.ask('build', 'Quiero una API de tareas con SQLite y pruebas', '--input', 'name=todo',
    '--detach').run_id;
  await until('the deployment asks', 300_000, () => {
    const seen = product.ask('runs', 'show', run);
    if (seen.status === 'failed') throw new Error(JSON.stringify(states(seen)));
    return task(seen, 'deploy').status === 'waiting_approval';
  });
  const story = product.ask('runs', 'show', run);
  const built = product.ask('runs', 'show', story.children.find((one) => one.step_id === 'task-store').run_id);
  note(JSON.stringify(states(built)));
  claim('the first attempt holds an SQL injection, and a scanner finds it', task(built, 'audit-1').outcome === 'failure'
    && JSON.stringify(task(built, 'audit-1')).includes('aegis-py-sql-injection'), task(built, 'audit-1'));
  claim('the second attempt is clean, and its tests pass', task(built, 'audit-2').conclusion === 'success'
    && task(built, 'tests-2').conclusion === 'success', states(built));
  const vaccines = product.ask('vaccines', 'list').items;
  claim('the mistake became a vaccine', vaccines.length === 1 && vaccines[0].check?.kind === 'rule', vaccines);
  claim('nothing is deployed before a person says yes', product.ask('deployments', 'list').items.length === 0);
  product.aegis('approve', run, 'deploy', '--reason', 'go');
  const done = await product.ended(run);
  claim('the run ends well', done.status === 'succeeded', states(done));
  note(`from the sentence to the address: ${((Date.now() - began) / 1000).toFixed(0)} s`);
  const address = done.outputs.url;
  const made = await fetch(`${address}/tasks`, { method: 'POST', body: JSON.stringify({ title: "it's bread" }) });
  claim('the API that was asked for answers', made.status === 201, await made.text());
  const found = async (words) => (await (await fetch(`${address}/tasks?q=${encodeURIComponent(words)}`)).json()).length;
  claim('it finds what is there', await found("it's") === 1, await found("it's"));
  claim('a quote in a question is a letter', await found("' OR '1'='1") === 0, await found("' OR '1'='1"));
  const { name } = product.ask('repo', 'list').items.find((one) => one.name.startsWith('quiero-'));
  const requests = pullRequests(bareRepository(product.home, name));
  claim('git sees the pull request', requests.length === 1, requests);
}

async function audit() {
  heading('The ledger, verified by the server and without it');
  const online = product.aegis('audit', 'verify');
  claim('the server verifies every chain', online.status === 0, online);
  const file = path.join(folder, 'ledger.jsonl');
  const wrote = product.aegis('audit', 'export', file);
  claim('it is exported to a file', wrote.status === 0 && fs.statSync(file).size > 0, wrote);
  await product.stop();
  const offline = product.aegis('audit', 'verify', file);
  claim('the file verifies with neither server nor PostgreSQL', offline.status === 0, offline);
  note(offline.out.trim().split('\n').at(-1));

  const forged = path.join(folder, 'forged.jsonl');
  const { stream, version } = tamper(file, forged);
  const verdict = product.aegis('audit', 'verify', forged);
  claim(`one changed byte of ${stream}, version ${version}, is found and named`, verdict.status === 1
    && verdict.out.includes(stream) && new RegExp(`\\b${version}\\b`).test(verdict.out), verdict);
  note(verdict.out.trim().split('\n')[0]);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    clean();
    process.exit(130);
  });
}

try {
  heading('A server of its own, with PostgreSQL inside');
  const began = Date.now();
  await product.start();
  note(`ready after ${((Date.now() - began) / 1000).toFixed(1)} s, process ${product.id}`);
  const runs = await nodeSample();
  await pythonSample();
  ledgerInSql(runs);
  await sentence();
  await audit();
} catch (error) {
  broken(error, 'the demo');
}
await product.stop().catch(() => {});
clean();
process.exitCode = sum('demo');
