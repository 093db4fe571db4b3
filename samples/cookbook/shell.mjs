// One bash that runs a page's commands one after the other, as a person would type them: folders, variables and
// the last status stay.
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

const COMMAND_MS_MAX = 120_000;

export class Shell {
  #child;
  #text = '';
  #waiting = () => {};
  #mark = `end-${randomUUID()}`;

  constructor(folder, environment) {
    this.#child = spawn('bash', ['--noprofile', '--norc'],
      { cwd: folder, env: environment, stdio: ['pipe', 'pipe', 'inherit'], detached: true });
    this.#child.stdout.setEncoding('utf8').on('data', (piece) => {
      this.#text += piece;
      this.#waiting();
    });
    this.#child.stdin.write('exec 2>&1\n');
  }

  /** Runs a command and answers with what it printed and its status. */
  async run(command) {
    const end = new RegExp(`(^|\\n)${this.#mark} (\\d+)\\n`);
    this.#child.stdin.write(`{ ${command}\n} </dev/null\n`
      + `_status=$?; printf '\\n%s %s\\n' ${this.#mark} $_status; (exit $_status)\n`);
    const found = await this.#until(() => end.exec(this.#text), command);
    const out = this.#text.slice(0, found.index).replace(/\n+$/, '');
    this.#text = this.#text.slice(found.index + found[0].length);
    return { out, status: Number(found[2]) };
  }

  /** What a shell word such as "$run" stands for. */
  async value(word) {
    return (await this.run(`printf %s ${word}`)).out;
  }

  /** Ends it with what still runs in it: it leads a process group of its own. */
  end() {
    if (this.#child.exitCode === null && this.#child.signalCode === null) process.kill(-this.#child.pid, 'SIGKILL');
  }

  #until(holds, what) {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`not done after ${COMMAND_MS_MAX / 1000} s: ${what}`)),
        COMMAND_MS_MAX);
      this.#waiting = () => {
        const found = holds();
        if (!found) return;
        clearTimeout(late);
        resolve(found);
      };
      this.#waiting();
    });
  }
}
