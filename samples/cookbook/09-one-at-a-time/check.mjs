import { sql } from '../../../demo/outside.mjs';

export default async function check({ product, shell, claim }) {
  const [third, second, first] = product.ask('runs', '--limit', '3').items;
  claim('the first and the last went through, the one in the middle was cancelled',
    JSON.stringify([first, second, third].map((one) => one.status)) === '["succeeded","cancelled","succeeded"]',
    [first, second, third]);
  const began = product.ask('runs', 'show', third.run_id).tasks.map((one) => one.started_at).sort()[0];
  claim('the last began when the first had ended', began >= first.ended_at, { began, first });
  const held = sql(product.home, `
    SELECT e.type, convert_from(e.payload, 'UTF8')::jsonb ->> 'step_id'
      FROM events e JOIN streams s USING (stream_key)
     WHERE s.stream_id = '${third.run_id}' AND e.type IN ('LockGranted', 'ResourceReleased') ORDER BY e.version`);
  claim('the lock was taken and given back three times', held.length === 6, held);
  claim('nobody took it before it was given back', held.every(([type, step], at) =>
    (at % 2 === 0 ? type === 'LockGranted' : type === 'ResourceReleased' && held[at - 1][1] === step)), held);
  const log = (await shell.run(`aegis logs ${second.run_id} migrate`)).out;
  claim('the cancelled one migrated nothing', !log.includes('migrated'), log);
}
