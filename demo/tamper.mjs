// Changes one byte of one event's payload in an exported ledger: a fact that somebody would rather not have there.
import fs from 'node:fs';

export function tamper(from, to) {
  const lines = fs.readFileSync(from, 'utf8').split('\n');
  const at = lines.findIndex((line) => line.includes('"TaskCompleted"') && JSON.parse(line).kind === 'event');
  if (at < 0) throw new Error('the export holds no TaskCompleted');
  const event = JSON.parse(lines[at]);
  const bytes = Buffer.from(event.payload, 'base64');
  bytes[bytes.length - 2] ^= 1;
  event.payload = bytes.toString('base64');
  lines[at] = JSON.stringify(event);
  fs.writeFileSync(to, lines.join('\n'));
  return { stream: event.stream, version: event.version };
}
