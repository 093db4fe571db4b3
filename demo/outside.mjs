// The demo's witnesses: git, psql and the CLI as programs of their own. Nothing here knows the product's code.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';

const ANSWER_BYTES_MAX = 256 << 20;
const ANSWER_MS_MAX = 300_000;

export function run(program, words, options = {}) {
  const done = spawnSync(program, words, {
    encoding: 'utf8',
    maxBuffer: ANSWER_BYTES_MAX,
    timeout: ANSWER_MS_MAX,
    stdio: ['ignore', 'pipe', 'pipe'],
    ...options,
  });
  if (done.error) throw new Error(`${program} ${words.join(' ')}: ${done.error.message}`);
  return { status: done.status, out: done.stdout, error: done.stderr };
}

/** Runs a program that must succeed and returns what it printed. */
export function must(program, words, options) {
  const done = run(program, words, options);
  if (done.status !== 0) {
    throw new Error(`${program} ${words.join(' ')}: status ${done.status}: ${done.error || done.out}`);
  }
  return done.out.trim();
}

/** git on a bare repository of the product's forge. */
export const git = (repository, ...words) =>
  must('git', ['-c', 'safe.bareRepository=all', '--git-dir', repository, ...words]);

/** The pull requests that git sees: [number, commit]. */
export function pullRequests(repository) {
  return git(repository, 'for-each-ref', '--format=%(refname) %(objectname)', 'refs/pull/')
    .split('\n').filter(Boolean).map((line) => line.split(' '))
    .map(([name, commit]) => [Number(name.split('/')[2]), commit]);
}

/** The one bare repository of that name below a home. */
export function bareRepository(home, name) {
  const found = must('find', [path.join(home, 'forge'), '-type', 'd', '-name', `${name}.git`, '-prune']).split('\n').filter(Boolean);
  if (found.length !== 1) throw new Error(`one ${name}.git was expected below the home; found ${found.length}`);
  return found[0];
}

/** Asks the embedded cluster itself: rows as arrays of text. */
export function sql(home, query) {
  const lock = fs.readFileSync(path.join(home, 'postgres/data/postmaster.pid'), 'utf8').split('\n');
  return must('psql', ['-X', '-A', '-t', '-q', '-v', 'ON_ERROR_STOP=1', '-F', '\t', '-h', lock[4], '-p', lock[3],
    '-U', 'aegis_super', '-d', 'aegis', '-c', `SET search_path = aegis; ${query}`])
    .split('\n').filter(Boolean).map((line) => line.split('\t'));
}

/** Removes a folder in which sandboxes worked. Their files belong to a uid of the user's own range, so it is done
 * from inside a user namespace. */
export function removeFolder(folder) {
  run('unshare', ['--map-root-user', '--map-auto', 'chmod', '-R', 'u+rwX', folder]);
  run('unshare', ['--map-root-user', '--map-auto', 'rm', '-rf', folder]);
  fs.rmSync(folder, { recursive: true, force: true });
}

/** Processes whose command line or working directory names a text, without our own and those excluded. */
export function processesNaming(text, except = []) {
  return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number)
    .filter((id) => id !== process.pid && !except.includes(id))
    .map((id) => [id, commandLine(id)])
    .filter(([, line]) => line.includes(text));
}

function commandLine(id) {
  try {
    return fs.readFileSync(`/proc/${id}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}
