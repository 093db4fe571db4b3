// Where the pages are run: a copy of the samples in a temporary folder, a home of one's own, the CLI on the PATH.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { removeFolder, run } from '../../demo/outside.mjs';
import { Shell } from './shell.mjs';

const SHOWN_SERVICE = '127.0.0.1:8090';
const SHOWN_SERVER = '127.0.0.1:4000';

export class Kitchen {
  #service;
  #shells = [];

  constructor(root, folder) {
    this.root = root;
    this.folder = folder;
    this.samples = path.join(folder, 'samples');
    this.bin = path.join(folder, 'bin');
  }

  /** Lays out the samples, the service that recipes speak to, and the programs of the PATH. */
  async open() {
    await this.#startService();
    fs.cpSync(path.join(this.root, 'samples'), this.samples, { recursive: true });
    for (const name of fs.readdirSync(path.join(this.samples, 'cookbook'), { recursive: true })) {
      const file = path.join(this.samples, 'cookbook', name);
      if (/\.(yaml|json)$/.test(name)) fs.writeFileSync(file, this.here(fs.readFileSync(file, 'utf8')));
    }
    fs.mkdirSync(this.bin);
    fs.writeFileSync(path.join(this.bin, 'aegis'), SCRIPT(this.root), { mode: 0o755 });
    fs.writeFileSync(path.join(this.folder, '.gitconfig'),
      '[user]\n\tname = Sam Sample\n\temail = sam@example.org\n[init]\n\tdefaultBranch = main\n');
  }

  shell(folder, environment) {
    const shell = new Shell(folder, {
      ...environment, HOME: this.folder, PATH: `${this.bin}:${process.env.PATH}`, NO_COLOR: '1', LANG: 'C.UTF-8',
      DOTNET_CLI_HOME: this.folder,
    });
    this.#shells.push(shell);
    return shell;
  }

  /** What the service was asked, oldest first. */
  async seen(pattern = /./) {
    const all = await (await fetch(`http://${this.service}/seen`)).json();
    return all.filter((one) => pattern.test(one.url));
  }

  /** A page's text as it is run here: the service listens on another port than the reader's. */
  here(text) {
    return text.replaceAll(SHOWN_SERVICE, this.service);
  }

  /** What was printed here as a reader would see it. */
  shown(text) {
    return text.replaceAll(this.service, SHOWN_SERVICE).replaceAll(this.folder, '~')
      .replace(/http:\/\/127\.0\.0\.1:\d+(?!\d)/g, (found) =>
        (found.endsWith(SHOWN_SERVICE) ? found : `http://${SHOWN_SERVER}`));
  }

  /** Ends the server that a page started. */
  down() {
    const script = path.join(this.bin, 'aegis');
    if (fs.existsSync(script)) run(script, ['down'], { env: { HOME: this.folder, PATH: process.env.PATH } });
  }

  close() {
    for (const shell of this.#shells) shell.end();
    this.#service?.kill();
    this.down();
    removeFolder(this.folder);
  }

  async #startService() {
    this.#service = spawn('node', [path.join(this.root, 'samples/cookbook/service.mjs'), '0'],
      { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise((resolve, reject) => {
      this.#service.stdout.setEncoding('utf8').once('data', resolve);
      this.#service.once('exit', (status) => reject(new Error(`the service ended with status ${status}`)));
    });
    this.service = /127\.0\.0\.1:\d+/.exec(line)[0];
  }
}

// ./aegis without its set-up and build, which are done by now
const SCRIPT = (root) => `#!/usr/bin/env bash
set -Eeuo pipefail
ROOT='${root}' SETUP='${root}/deploy/setup' TREE='${root}'
DOTNET=$(readlink -f "$(command -v dotnet)")
. "$SETUP/say.sh"
. "$SETUP/user.sh"
export AEGIS_HOME=$PRODUCT_HOME
case $1 in
  up | down)
    . "$SETUP/server.sh"
    STATE=$HOME
    if [ "$1" = down ]; then server_down; exit; fi
    set_product_line
    line=("\${PRODUCT_LINE[@]}" "$DOTNET" "$TREE/src/Aegis.Server/bin/Release/net10.0/Aegis.Server.dll")
    with_lock up start_server
    ;;
  *) exec "$DOTNET" "$TREE/src/Aegis.Cli/bin/Release/net10.0/aegis-cli.dll" "$@" ;;
esac
`;
