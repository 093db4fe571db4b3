export default async function check({ product, shell, claim }) {
  const [refused, good] = product.ask('runs', '--limit', '2').items.map((one) => product.ask('runs', 'show', one.run_id));
  const at = (step) => good.tasks.find((one) => one.step_id === step);
  claim('web was packed after api', at('pack-web').started_at >= at('pack-api').ended_at, good.tasks);
  claim('the announcement waited for every part', ['pack-api', 'pack-web', 'pack-docs']
    .every((step) => at('announce').started_at >= at(step).ended_at), good.tasks);
  const log = (await shell.run(`aegis logs ${good.run_id} pack-docs`)).out;
  claim('each part ran its own command', log.includes('packed docs'), log);
  const rights = refused.tasks.find((one) => one.step_id === 'pack-docs');
  claim('a command that the file does not allow is refused', rights.error.code === 'AEGIS1140', rights);
  claim('and nothing is announced', refused.tasks.find((one) => one.step_id === 'announce').status === 'skipped', refused);
}
