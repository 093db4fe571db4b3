'use strict';

// Loaded into every node of a sandbox (NODE_OPTIONS), acts in npm and npx alone. They compact each index entry
// of their cache when they read it, which fails on a read-only one; so the index is copied to the private /tmp,
// and the contents, which are only read, are linked.
const fs = require('node:fs');
const path = require('node:path');

const own = '/tmp/.npm/_cacache';
if (/^np[mx](-cli\.js)?$/.test(path.basename(process.argv[1] ?? '')) && !fs.existsSync(own)) {
  const store = path.join(__dirname, '_cacache');
  const made = `${own}.${process.pid}`;
  fs.mkdirSync(made, { recursive: true });
  fs.cpSync(path.join(store, 'index-v5'), path.join(made, 'index-v5'), { recursive: true });
  fs.symlinkSync(path.join(store, 'content-v2'), path.join(made, 'content-v2'));
  try {
    fs.renameSync(made, own);
  } catch (error) {
    // another npm of the same sandbox was first
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
    fs.rmSync(made, { recursive: true });
  }
}
