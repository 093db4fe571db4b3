// A run over WebSocket as npm's ws and as Node's own WebSocket (undici) see it. Arguments: the server's
// address, a key, a run that has ended, a run that goes on. Prints one JSON object.
import { spawnSync } from 'node:child_process';
import { WebSocket as Ws } from 'ws';

const [url, key, ended, open, part] = process.argv.slice(2);
const address = (run, query = '') => `${url.replace(/^http/, 'ws')}v1/runs/${run}${query}`;

/** Messages until the close, then how it was closed. */
function collect(socket, onOpen) {
  return new Promise((resolve, reject) => {
    const seen = { messages: [] };
    socket.addEventListener('open', () => {
      seen.protocol = socket.protocol;
      onOpen?.(socket);
    });
    socket.addEventListener('message', (m) => seen.messages.push(JSON.parse(m.data)));
    socket.addEventListener('error', (e) => reject(new Error(e.message ?? 'the socket failed')));
    socket.addEventListener('close', (c) => resolve({ ...seen, code: c.code, reason: c.reason }));
  });
}

const headers = { Authorization: `Bearer ${key}` };
const browser = ['aegis.v1', `bearer.${key}`];

/** The status of an upgrade that is refused. */
function refused(socket) {
  return new Promise((resolve, reject) => {
    socket.on('unexpected-response', (_, reply) => {
      let text = '';
      const line = reply.socket;
      reply.on('data', (d) => (text += d));
      reply.on('end', () => {
        resolve({ status: reply.statusCode, code: JSON.parse(text).code });
        // kept alive, it would keep this program alive until the server ends it
        line.destroy();
      });
    });
    socket.on('error', () => {});
    socket.on('open', () => reject(new Error('the socket opened')));
  });
}

/** A ping is answered, commands are, and our close is taken. */
function speak() {
  const socket = new Ws(address(open), { headers });
  let ponged = false;
  socket.on('pong', (data) => (ponged = data.toString() === 'are you there'));
  return collect(socket, () => {
    socket.ping('are you there');
    socket.send(JSON.stringify({ op: 'pause', id: 7, reason: 'lunch' }));
    socket.send('no json');
    socket.send(JSON.stringify({ op: 'cancel', id: 'last' }));
    socket.on('message', (m) => JSON.parse(m).id === 'last' && socket.close(1000, 'bye'));
  }).then((seen) => ({ ...seen, ponged }));
}

if (part === 'own') {
  console.log(JSON.stringify(await collect(new WebSocket(address(ended, '?after=1'), browser))));
} else {
  const flags = globalThis.WebSocket ? [] : ['--experimental-websocket'];
  const own = spawnSync(process.execPath,
    [...flags, '--no-warnings', process.argv[1], url, key, ended, open, 'own'], { encoding: 'utf8' });
  if (own.status !== 0) {
    throw new Error(own.stderr);
  }
  console.log(JSON.stringify({
    header: await collect(new Ws(address(ended), { headers })),
    protocol: await collect(new Ws(address(ended, '?after=1'), browser)),
    own: JSON.parse(own.stdout),
    foreign: await refused(new Ws(address(ended), { headers, origin: 'https://evil.example' })),
    ownOrigin: (await collect(new Ws(address(ended), { headers, origin: new URL(url).origin }))).code,
    noKey: await refused(new Ws(address(ended))),
    noRun: await refused(new Ws(address('run_none'), { headers })),
    tongues: await refused(new Ws(address(ended), ['graphql-ws'], { headers })),
    spoken: await speak(),
  }));
}
