import { until } from '../../../demo/product.mjs';
import { sql } from '../../../demo/outside.mjs';

export default async function check({ product, shell, kitchen, claim }) {
  await until('the message has come', 30_000, async () => (await kitchen.seen(/^\/hook\//)).length > 0);
  const [told, ...more] = await kitchen.seen(/^\/hook\//);
  claim('the receiver found the signature right', told.status === 204 && more.length === 0, { told, more });
  const message = JSON.parse(told.body);
  const runs = product.ask('runs', '--limit', '200').items.filter((one) => one.name === 'orders');
  claim('one order, one run, one message', runs.length === 1 && message.type === 'run.succeeded'
    && message.data.run_id === runs[0].run_id, { runs, message });
  let starts = [];
  await until('both calls are dealt with', 30_000, () => {
    starts = product.ask('workflow', 'show', 'orders').starts;
    return starts.length === 2 && starts.every((one) => one.status === 'started');
  });
  claim('the second call names the run that stands for it', starts[0].error?.includes(runs[0].run_id), starts);
  const log = (await shell.run(`aegis logs ${runs[0].run_id} invoice`)).out;
  claim('the invoice names the customer', log.includes('invoice for Ana: 4200 cents'), log);
  const rows = sql(product.home, `SELECT count(*) FROM trigger_starts WHERE workflow = 'orders' AND status = 'refused'`);
  claim('a forged call left nothing behind', rows[0][0] === '0', rows);
  const [{ webhook_id: id }] = product.ask('webhook', 'list').items;
  const [delivery] = product.ask('webhook', 'deliveries', id).items;
  await shell.run(`aegis webhook redeliver ${id} ${delivery.delivery_id}`);
  await until('it is sent again', 30_000, async () => (await kitchen.seen(/^\/hook\//)).length === 2);
  const again = (await kitchen.seen(/^\/hook\//))[1];
  claim('a message that is sent again has the same id', again.headers['webhook-id'] === told.headers['webhook-id']
    && again.status === 204, again);
}
