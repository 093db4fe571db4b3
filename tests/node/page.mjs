// A person with a keyboard at a page, in Debian's chromium. Arguments: the page's address, a folder of its own. A line
// of the input is one act, {"open": ""}, {"reload": ""}, {"press": "Enter"}, {"type": "words"} or {"bare": "markup"}; a
// line of the output is what there is to see after it, and all that went wrong until then.
import { createInterface } from 'node:readline';
import { chromium } from 'playwright-core';

const [address, folder] = process.argv.slice(2);
const browser = await chromium.launchPersistentContext(folder, {
  executablePath: '/usr/bin/chromium',
  chromiumSandbox: true,
  env: { ...process.env, HOME: folder, XDG_CONFIG_HOME: folder, XDG_CACHE_HOME: folder },
  // no name is found, so that nothing leaves this machine, whatever a page asks for
  args: ['--no-proxy-server', '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1', '--disable-gpu',
    '--disable-quic', '--disable-background-networking', '--disable-component-update', '--disable-sync'],
});
const page = await browser.newPage();
const [wrong, bare] = [[], []];
let heard = () => {};
const tell = (where, what) => {
  (where === page ? wrong : bare).push(what);
  heard();
};
browser.on('console', (said) => said.type() === 'error' && tell(said.page(), `console: ${said.text()}`));
browser.on('weberror', (e) => tell(e.page(), `error: ${e.error().message}`));
browser.on('dialog', (dialog) => {
  tell(dialog.page(), `dialog: ${dialog.message()}`);
  return dialog.dismiss();
});
browser.on('request', (asked) =>
  new URL(asked.url()).origin === new URL(address).origin || tell(asked.frame().page(), `request: ${asked.url()}`));
// what a script that must not run calls
await browser.exposeBinding('ran', (source, what) => tell(source.page, `ran: ${what}`));

/** The same letters on a page that nothing guards, until each call in them was made. */
async function unguarded(markup) {
  const calls = markup.split('ran(').length - 1;
  const other = await browser.newPage();
  const made = new Promise((resolve) => {
    heard = () => bare.filter((b) => b.startsWith('ran: ')).length === calls && resolve();
  });
  await other.setContent(markup);
  await made;
  await other.close();
}

const acts = {
  open: () => page.goto(address),
  reload: () => page.reload(),
  press: (key) => page.keyboard.press(key),
  type: (words) => page.keyboard.type(words),
  bare: unguarded,
};

for await (const line of createInterface({ input: process.stdin })) {
  const [[act, what]] = Object.entries(JSON.parse(line));
  await acts[act](what);
  await page.locator('[aria-busy="true"]').waitFor({ state: 'detached' });
  console.log(JSON.stringify({
    title: await page.title(),
    body: await page.locator('body').ariaSnapshot(),
    focus: await page.evaluate(({ activeElement: at, body } = document) =>
      at === body ? '' : at.labels?.[0]?.innerText ?? at.innerText),
    wrong: wrong.join('\n'),
    bare: bare.sort().join('\n'),
  }));
}
await browser.close();
