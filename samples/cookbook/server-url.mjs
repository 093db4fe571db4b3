// Prints the address of the server that the CLI speaks to.
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const home = process.env.AEGIS_HOME ?? path.join(os.homedir(), '.local/share/aegis');
console.log(JSON.parse(fs.readFileSync(path.join(home, 'admin-key.json'), 'utf8')).url.replace(/\/$/, ''));
