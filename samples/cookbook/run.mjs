// Runs the cookbook and the tutorial as their pages say, and checks from outside what they claim.
//   node run.mjs [--write FOLDER] [NAME…]
// Pages are only read. With --write, those that came out otherwise are written into FOLDER, below it as they stand
// below docs: who runs this may write neither the checkout nor its copy.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { broken, claim, heading, note, sum } from '../../demo/claims.mjs';
import { Product } from '../../demo/product.mjs';
import { Kitchen } from './kitchen.mjs';
import { agrees, difference, partsOf, rewritten } from './page.mjs';

const TUTORIAL = 'tutorial';
const SUITE_MS_MAX = 300_000;

const here = path.dirname(fileURLToPath(import.meta.url));
const root = path.join(here, '../..');
const asked = process.argv.slice(2);
const write = asked[0] === '--write' ? asked.splice(0, 2)[1] : null;
const recipes = fs.readdirSync(here).filter((name) => /^\d\d-/.test(name)).sort();
const chosen = [...recipes, TUTORIAL].filter((name) => asked.length === 0 || asked.some((one) => name.includes(one)));
const kitchen = new Kitchen(root, fs.mkdtempSync(path.join(os.tmpdir(), 'aegis-cookbook-')));
let product;

/** Runs a page's parts in order; each command is a claim. */
async function cook(page, shell) {
  const text = fs.readFileSync(path.join(root, 'docs', page), 'utf8');
  const changes = [];
  for (const part of partsOf(text)) await cookPart(page, part, shell, changes);
  if (changes.length > 0) {
    fs.mkdirSync(path.dirname(path.join(write, page)), { recursive: true });
    fs.writeFileSync(path.join(write, page), rewritten(text, changes));
  }
}

async function cookPart(page, part, shell, changes) {
  if (part.kind === 'wait') await reached(await shell.value('"$run"'), part.event, shell);
  if (part.kind === 'write') fs.writeFileSync(path.join(await shell.value('"$PWD"'), part.name), lines(part));
  if (part.kind === 'file' && write) changes.push({ part, came: fileLines(part.name) });
  if (part.kind !== 'command') return;
  const { out } = await shell.run(kitchen.here(part.text));
  const came = out === '' ? [] : kitchen.shown(out).split('\n');
  const holds = agrees(part.output, came);
  if (!holds && write) changes.push({ part, came });
  claim(`$ ${part.text.split('\n')[0]}`, holds || write, difference(`docs/${page}`, part, came));
}

const lines = (part) => part.output.map((line) => `${line}\n`).join('');
const fileLines = (name) => fs.readFileSync(path.join(root, name), 'utf8').split('\n').slice(0, -1);

/** Waits for an event of a run as a user's program would: on its stream. */
async function reached(run, event, shell) {
  const { status, out } = await shell.run(
    `grep -q -m 1 '"type":"${event}"' < <(aegis events ${run} --follow --json)`);
  if (status !== 0) throw new Error(`${run} ended without ${event}: ${out}`);
}

async function recipe(name) {
  const page = `cookbook/${name}.md`;
  heading(`${name}: ${fs.readFileSync(path.join(root, 'docs', page), 'utf8').split('\n')[0].slice(2)}`);
  const began = Date.now();
  const shell = kitchen.shell(path.join(kitchen.samples, 'cookbook', name), product.environment);
  try {
    await cook(page, shell);
    const { default: check } = await import(path.join(here, name, 'check.mjs'));
    await check({ product, shell, kitchen, claim });
  } catch (error) {
    broken(error, name);
  }
  shell.end();
  note(`${((Date.now() - began) / 1000).toFixed(1)} s`);
}

async function tutorial() {
  heading('The tutorial, in a home of its own');
  const began = Date.now();
  const shell = kitchen.shell(kitchen.folder, { ...withoutAegis(process.env), AEGIS_PORT: '0' });
  try {
    await cook(`${TUTORIAL}.md`, shell);
  } catch (error) {
    broken(error, TUTORIAL);
  }
  shell.end();
  note(`${((Date.now() - began) / 1000).toFixed(1)} s`);
}

const withoutAegis = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(AEGIS|CHISPART)_/.test(name)));

/** Ends at once what was started here. */
function endNow() {
  product?.endNow();
  kitchen.close();
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    endNow();
    process.exit(130);
  });
}
setTimeout(() => {
  broken(new Error(`not done after ${SUITE_MS_MAX / 1000} s`), 'cookbook');
  endNow();
  process.exit(sum('cookbook'));
}, SUITE_MS_MAX).unref();

try {
  await kitchen.open();
  if (chosen.some((name) => name !== TUTORIAL)) {
    product = new Product(root, kitchen.folder, { AEGIS_WEBHOOK_PRIVATE_HOSTS: kitchen.service });
    await product.start();
  }
  for (const name of chosen) await (name === TUTORIAL ? tutorial() : recipe(name));
} catch (error) {
  broken(error, 'cookbook');
}
await product?.stop().catch(() => {});
kitchen.close();
process.exitCode = sum('cookbook');
