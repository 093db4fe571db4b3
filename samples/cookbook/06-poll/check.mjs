export default async function check({ product, kitchen, claim }) {
  const [never, ready] = product.ask('runs', '--limit', '2').items;
  const asked = async (run) => (await kitchen.seen(new RegExp(`^/jobs/${run.run_id}`))).map((one) => one.method);
  claim('the job was begun once, and asked for until it was ready, then fetched',
    JSON.stringify(await asked(ready)) === '["POST","GET","GET","GET","GET"]', await asked(ready));
  claim('a job that is never ready was asked for five times and not fetched',
    JSON.stringify(await asked(never)) === '["POST","GET","GET","GET","GET","GET"]', await asked(never));
  const { outputs } = product.ask('runs', 'show', ready.run_id);
  claim('what was fetched is an output of the run', Number(outputs.size) === 48213, outputs);
}
