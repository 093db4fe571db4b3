export default async function check({ product, shell, claim }) {
  const [dear, cheap] = product.ask('runs', '--limit', '2').items.map((one) => product.ask('runs', 'show', one.run_id));
  claim('the words say that they are scripted', cheap.outputs.origin === 'scripted', cheap.outputs);
  claim('what it cost is counted', Number(cheap.cost_usd) === 0.0031, cheap);
  claim('what costs more than the cap is not paid', dear.status === 'failed' && Number(dear.cost_usd) <= 0.02, dear);
  claim('nothing was written from it', dear.tasks.find((one) => one.step_id === 'keep').status === 'skipped', dear.tasks);
  const unknown = await shell.run('aegis run workflow.yaml --input changes="something else"');
  claim('a prompt that was not rehearsed is an error, not an invention', unknown.status === 1, unknown.out);
}
