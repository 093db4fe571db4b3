export default async function check({ product, kitchen, claim }) {
  const [down, busy] = product.ask('runs', '--limit', '2').items;
  const times = async (run) => (await kitchen.seen(new RegExp(`^/flaky/${run.run_id}/`))).map((one) => one.at);
  claim('a service that was busy twice was asked three times', (await times(busy)).length === 3, await times(busy));
  const asked = await times(down);
  claim('one that stays down was asked five times', asked.length === 5, asked);
  const waits = asked.slice(1).map((at, index) => at - asked[index]);
  // a busy machine makes a wait longer, and chance halves it at most; less than that is no back-off
  claim('the waits double, less half at most', waits.every((wait, n) => wait >= 100 * 2 ** n / 2 - 1), waits);
  const outputs = product.ask('runs', 'show', busy.run_id).outputs;
  claim('the answer is an output of the run', outputs.version === '2.4.1', outputs);
}
