'use strict';

// Wraps each module of src/ into one file, loads that file once to see that it works, and lists what went in.
const { createHash } = require('node:crypto');
const fs = require('node:fs');
const path = require('node:path');

const root = path.join(__dirname, '..');
const dist = path.join(root, 'dist');
const names = fs.readdirSync(path.join(root, 'src')).filter((name) => name.endsWith('.js')).sort();
const sources = names.map((name) => [name, fs.readFileSync(path.join(root, 'src', name), 'utf8')]);

const modules = sources.map(([name, text]) =>
  `${JSON.stringify(`./${path.parse(name).name}`)}: (module, require) => {\n${text}}`);
const bundle = `'use strict';
const modules = {\n${modules.join(',\n')}\n};
const loaded = {};
function load(name) {
  if (!(name in loaded)) {
    const module = { exports: {} };
    modules[name](module, load);
    loaded[name] = module.exports;
  }
  return loaded[name];
}
module.exports = load('./index');
`;

fs.rmSync(dist, { recursive: true, force: true });
fs.mkdirSync(dist);
fs.writeFileSync(path.join(dist, 'index.js'), bundle);
const exported = Object.keys(require(path.join(dist, 'index.js'))).sort();
const files = sources.map(([name, text]) => ({
  name,
  sha256: createHash('sha256').update(text).digest('hex'),
}));
fs.writeFileSync(path.join(dist, 'manifest.json'), `${JSON.stringify({ exported, files }, null, 2)}\n`);
console.log(`built dist/index.js: ${names.length} modules, exports ${exported.join(', ')}`);
