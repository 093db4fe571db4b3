import { until } from '../../../demo/product.mjs';
import { sql } from '../../../demo/outside.mjs';

export default async function check({ product, shell, claim, kitchen }) {
  // as if the server had been down since Friday: four nights went by
  sql(product.home, `UPDATE schedules SET next_at = now() - interval '6 days' RETURNING 1`);
  let starts = [];
  await until('the missed night is made up for', 30_000, () => {
    starts = product.ask('workflow', 'show', 'nightly').starts;
    return starts.length > 0;
  });
  claim('missed nights are made up for by one run', starts.length === 1 && starts[0].cause.startsWith('schedule:'), starts);
  const seen = await shell.run(`aegis events ${starts[0].run_id} --follow --json`);
  const first = JSON.parse(seen.out.split('\n')[0]).payload;
  claim('it ran on the main branch and knows that it is late', seen.status === 0 && first.context.missed === true
    && first.context.event === 'schedule' && first.repository.branch === 'main', kitchen.shown(seen.out));
  await until('the chat is told', 30_000, async () => (await kitchen.seen(/^\/chat$/)).length > 0);
  const told = await kitchen.seen(/^\/chat$/);
  claim('the chat was told once, of this run',
    told.length === 1 && JSON.parse(told[0].body).text === `nightly: succeeded, ${starts[0].run_id}`, told);
  const [next] = sql(product.home, `SELECT to_char(next_at AT TIME ZONE 'Europe/Madrid', 'HH24:MI'), next_at > now()
    FROM schedules`);
  claim('the next night is at half past two in Madrid', next[0] === '02:30' && next[1] === 't', next);
}
