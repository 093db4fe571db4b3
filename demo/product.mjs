// The product as a user meets it: a server process in a home of its own, and the CLI.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import http from 'node:http';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { run } from './outside.mjs';

const START_MS_MAX = 120_000;
const POLL_MS = 50;

export class Product {
  #child;

  constructor(root, folder, settings = {}) {
    this.root = root;
    this.home = path.join(folder, 'home');
    this.log = path.join(folder, 'server.log');
    this.environment = { ...process.env, ...settings, AEGIS_HOME: this.home, AEGIS_PORT: '0' };
    for (const name of ['AEGIS_URL', 'AEGIS_KEY', 'AEGIS_POSTGRES', 'POSTGRES_URL']) delete this.environment[name];
  }

  get url() {
    return this.#url();
  }

  get id() {
    return this.#child?.pid;
  }

  async start() {
    const log = fs.openSync(this.log, 'a');
    fs.rmSync(path.join(this.home, 'server.json'), { force: true });
    this.#child = spawn('dotnet', [this.#built('Aegis.Server', 'Aegis.Server.dll')],
      { cwd: this.root, env: this.environment, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const child = this.#child;
    await until('the server is ready', START_MS_MAX, async () => {
      if (child.exitCode !== null) throw new Error(`the server ended: ${this.#logTail()}`);
      return await ready(this.#url());
    });
  }

  /** kill -9: the server gets no chance to tidy up. */
  async kill() {
    await this.#end('SIGKILL', 10_000);
  }

  async stop() {
    if (this.#child && this.#child.exitCode === null && this.#child.signalCode === null) {
      await this.#end('SIGTERM', 60_000);
    }
  }

  /** Ends the server at once, for a demo that was interrupted. */
  endNow() {
    this.#child?.kill('SIGKILL');
  }

  aegis(...words) {
    return run('dotnet', [this.#built('Aegis.Cli', 'aegis-cli.dll'), ...words],
      { cwd: this.root, env: { ...this.environment, NO_COLOR: '1' } });
  }

  /** The CLI's --json answer. */
  ask(...words) {
    const done = this.aegis(...words, '--json');
    if (done.status !== 0) throw new Error(`aegis ${words.join(' ')}: status ${done.status}: ${done.error}`);
    return JSON.parse(done.out);
  }

  /** Starts a run without watching it. */
  begin(workflow, repository, branch) {
    return this.ask('run', workflow, '--repo', repository, '--ref', branch, '--detach').run_id;
  }

  /** The run once it has ended. */
  async ended(run, milliseconds = 300_000) {
    let seen;
    await until(`${run} has ended`, milliseconds, () => {
      seen = this.ask('runs', 'show', run);
      return ['succeeded', 'failed', 'cancelled'].includes(seen.status);
    });
    return seen;
  }

  #built(project, file) {
    return path.join(this.root, 'src', project, 'bin/Release/net10.0', file);
  }

  #url() {
    try {
      return JSON.parse(fs.readFileSync(path.join(this.home, 'server.json'), 'utf8')).url;
    } catch {
      return null;
    }
  }

  #logTail() {
    return fs.readFileSync(this.log, 'utf8').slice(-2000);
  }

  async #end(signal, milliseconds) {
    const child = this.#child;
    const gone = new Promise((resolve) => { child.once('exit', resolve); });
    child.kill(signal);
    await Promise.race([gone, pause(milliseconds, null, { ref: false }).then(() => {
      throw new Error(`the server did not end on ${signal}`);
    })]);
  }
}

export async function until(what, milliseconds, holds) {
  const deadline = Date.now() + milliseconds;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`waited ${milliseconds / 1000} s in vain: ${what}`);
    await pause(POLL_MS);
  }
}

function ready(url) {
  return url === null ? false : new Promise((resolve) => {
    http.get(`${url.replace(/\/$/, '')}/readyz`, (reply) => {
      reply.resume();
      resolve(reply.statusCode === 200);
    }).on('error', () => resolve(false));
  });
}
