export default async function check({ product, kitchen, claim }) {
  const [bad, good] = product.ask('runs', '--limit', '2').items.map((one) => product.ask('runs', 'show', one.run_id));
  claim('the sum is that of the three regions', good.outputs.sum === 3580, good.outputs);
  const task = (step) => bad.tasks.find((one) => one.step_id === step);
  claim('a text in the place of a number breaks the contract', task('sales.1').error.code === 'AEGIS5036', task('sales.1'));
  claim('the region that kept it went well', task('sales.0').status === 'succeeded', task('sales.0'));
  claim('the sum never began', task('sum').status === 'skipped', task('sum'));
  const asked = (await kitchen.seen(/^\/sales\//)).map((one) => one.url.split('/').at(-1)).sort();
  claim('each region was asked once a run', JSON.stringify(asked) === '["asia","eu","eu","mars","us"]', asked);
}
