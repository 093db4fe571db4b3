// A terminal as npm's ws sees it: opened, typed into, resized; the connection is cut off in the middle of much
// output and comes back by offset. Arguments: the server's address, a key. Prints one JSON object.
import { WebSocket as Ws } from 'ws';

const [url, key] = process.argv.slice(2);
const address = `${url.replace(/^http/, 'ws')}v1/rpc`;
const HEADER = 13;

/** A connection: ask() answers by id, onBytes gets what terminals show, events what they tell. */
function connect(onBytes) {
  const socket = new Ws(address, { headers: { Authorization: `Bearer ${key}` } });
  const waiting = new Map();
  const events = [];
  let wake = () => {};
  let ids = 0;
  socket.on('message', (data, binary) => {
    if (binary) {
      onBytes(Number(data.readBigUInt64BE(5)), data.subarray(HEADER));
      return;
    }
    const message = JSON.parse(data);
    if (message.event) {
      events.push(message);
      wake();
    } else if ('ok' in message && waiting.has(message.id)) {
      waiting.get(message.id)(message);
    }
  });
  socket.on('error', () => {});
  const frame = (kind, channel, offset, bytes = Buffer.alloc(0)) => {
    const head = Buffer.alloc(HEADER);
    head[0] = kind;
    head.writeUInt32BE(channel, 1);
    head.writeBigUInt64BE(BigInt(offset), 5);
    socket.send(Buffer.concat([head, bytes]));
  };
  return new Promise((resolve) => socket.on('open', () => resolve({
    socket,
    ask: (message) => new Promise((done) => {
      const id = ++ids;
      waiting.set(id, done);
      socket.send(JSON.stringify({ ...message, id }));
    }),
    type: (channel, offset, text) => frame(1, channel, offset, Buffer.from(text)),
    ack: (channel, offset) => frame(2, channel, offset),
    event: async (name) => {
      while (!events.some((e) => e.event === name)) {
        await new Promise((next) => (wake = next));
      }
      return events.find((e) => e.event === name);
    },
  })));
}

let shown = '';
let offset = 0;
let lost = 0;
let notify = () => {};
const take = (at, bytes) => {
  lost += at - offset;
  offset = at + bytes.length;
  shown += bytes.toString();
  notify();
};
const until = async (holds) => {
  while (!holds()) {
    await new Promise((next) => (notify = next));
  }
};

let channel = 0;
const first = await connect((at, bytes) => {
  take(at, bytes);
  if (channel) {
    first.ack(channel, offset);
  }
});
const opened = await first.ask({ op: 'pty.open', acks: true, columns: 80, rows: 24 });
channel = opened.channel;
await first.ask({ op: 'pty.resize', session: opened.session, columns: 120, rows: 40 });
const one = "stty -echo; echo node says $(stty size)\n";
first.type(channel, 0, one);
await until(() => /node says \d+ \d+\r\n/.test(shown));
const said = shown.match(/node says \d+ \d+/)[0];
const two = "seq 1 100000; echo al''l\n";
first.type(channel, one.length, two);
await until(() => shown.includes('\n5000\r\n'));
first.socket.terminate();

const second = await connect((at, bytes) => {
  take(at, bytes);
  second.ack(channel, offset);
});
const back = await second.ask({ op: 'pty.attach', session: opened.session, offset, acks: true });
channel = back.channel;
await until(() => /\nall\r\n/.test(shown));
const numbers = shown.slice(shown.indexOf('\n1\r\n2\r\n') + 1).split('\r\n').slice(0, 100000);
numbers.forEach((n, i) => (lost += n === String(i + 1) ? 0 : 1));
second.type(channel, one.length + two.length, 'exit 0\n');
const exit = await second.event('pty.exit');
second.socket.close();
console.log(JSON.stringify({ shown: said, lost, exit: exit.exit_code }));
