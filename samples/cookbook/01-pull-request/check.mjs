import crypto from 'node:crypto';
import { until } from '../../../demo/product.mjs';
import { bareRepository, must, pullRequests } from '../../../demo/outside.mjs';

const SECRET = 'what GitHub signs with';

export default async function check({ product, shell, claim, kitchen }) {
  const folder = await shell.value('"$PWD"/stocktake');
  const head = must('git', ['-C', folder, 'rev-parse', 'HEAD']);
  const bare = bareRepository(product.home, 'stocktake');
  claim('git sees one pull request, at the repaired commit',
    JSON.stringify(pullRequests(bare)) === JSON.stringify([[1, head]]), pullRequests(bare));

  await shell.run(`printf %s '${SECRET}' | aegis secret set github_webhook`);
  await shell.run('aegis workflow add workflow.yaml --name pull-request --repo stocktake');
  const push = (branch) => JSON.stringify({
    ref: `refs/heads/${branch}`, after: head, deleted: false, commits: [],
    repository: { full_name: 'sample/stocktake' }, sender: { login: 'sam' },
  });
  const wrong = await deliver(product, push('feat/archive'), 'a guess');
  claim('a push whose signature is wrong starts nothing', wrong.status === 404, wrong);
  const other = await deliver(product, push('main'), SECRET);
  claim('a push to main starts nothing', other.status === 202 && other.body.runs.length === 0, other);
  const started = await deliver(product, push('feat/archive'), SECRET);
  claim('a signed push of the branch starts one run', started.status === 202 && started.body.runs.length === 1, started);
  const run = started.body.runs[0].run_id;
  await until('it has begun', 30_000, () => product.aegis('runs', 'show', run).status === 0);
  const seen = await shell.run(`aegis events ${run} --follow --json`);
  claim('it succeeds on what was pushed, and finds the pull request that is there', seen.status === 0
    && seen.out.includes(head) && pullRequests(bare).length === 1, kitchen.shown(seen.out));
}

async function deliver(product, body, secret) {
  const signature = crypto.createHmac('sha256', secret).update(body).digest('hex');
  const reply = await fetch(`${product.url}/v1/hooks/github/default/default`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json', 'x-github-event': 'push', 'x-github-delivery': crypto.randomUUID(),
      'x-hub-signature-256': `sha256=${signature}`,
    },
    body,
  });
  return { status: reply.status, body: await reply.json() };
}
