import fs from 'node:fs';

export default async function check({ product, shell, claim }) {
  const [denied, granted] = product.ask('runs', '--limit', '2').items;
  const log = async (run, step) => (await shell.run(`aegis logs ${run.run_id} ${step}`)).out;
  claim('production runs what was approved', (await log(granted, 'production')).includes('production runs v2.4.1'));
  const task = product.ask('runs', 'show', denied.run_id).tasks.find((one) => one.step_id === 'production');
  claim('what was denied never began', task.status === 'failed' && task.attempt === 0, task);
  claim('and the step for that case ran', (await log(denied, 'hold')).includes('stays as it is'));

  // the same file, with a patience that a test has
  const folder = await shell.value('"$PWD"');
  const impatient = fs.readFileSync(`${folder}/workflow.yaml`, 'utf8').replace('timeout: 2d', 'timeout: 200ms');
  fs.writeFileSync(`${folder}/impatient.yaml`, impatient);
  const late = await shell.run('aegis run impatient.yaml --input version=v3 --input stage=production');
  claim('a question that nobody answers in time is a no', late.status === 1 && /production: denied by nobody/.test(late.out),
    late.out);
  const staging = await shell.run('aegis run workflow.yaml --input version=v3');
  claim('staging asks nobody', staging.status === 0 && !/waits for an answer/.test(staging.out), staging.out);
  const wrong = await shell.run('aegis run workflow.yaml');
  claim('without a version nothing starts', wrong.status === 6 && /version/.test(wrong.out), wrong.out);
}
