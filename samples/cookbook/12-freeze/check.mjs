import { sql } from '../../../demo/outside.mjs';

export default async function check({ product, shell, kitchen, claim }) {
  const run = await shell.value('"$run"');
  const facts = sql(product.home, `
    SELECT e.type, convert_from(e.payload, 'UTF8')::jsonb ->> 'step_id', count(*)
      FROM events e JOIN streams s USING (stream_key) WHERE s.stream_id = '${run}' GROUP BY 1, 2`);
  const count = (type, step) => Number(facts.find(([one, of]) => one === type && of === step)?.[2] ?? 0);
  claim('the build ran once, the delivery twice', count('TaskStarted', 'build') === 1
    && count('TaskStarted', 'deliver') === 2, facts);
  claim('a person answered for it, on record', count('TaskResolved', 'deliver') === 1, facts);
  const asked = (await kitchen.seen(new RegExp(`^/switch/${run}`))).map((one) => [one.method, one.status]);
  claim('the system outside was asked before and after it came back',
    JSON.stringify(asked) === '[["GET",503],["PUT",200],["GET",200]]', asked);
  const log = (await shell.run(`aegis logs ${run} build`)).out;
  claim('what the build left was still there', log.includes('100000'), log);
}
