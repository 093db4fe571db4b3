export default async function check({ product, claim }) {
  const [broken, whole] = product.ask('runs', '--limit', '2').items
    .map((one) => product.ask('runs', 'show', one.run_id));
  claim('every package was tested by its own runner', JSON.stringify(whole.outputs)
    === JSON.stringify({ packages: 'cart labels prices', passed: '2 1 2', failed: '0 0 0' }), whole.outputs);
  claim('the gate fails the run with the wrong test', broken.status === 'failed', broken);
  const task = (step) => broken.tasks.find((one) => one.step_id === step).status;
  claim('one package failed and the others ran all the same',
    task('test.2') === 'failed' && task('test.0') === 'succeeded' && task('test.1') === 'succeeded', broken.tasks);
}
