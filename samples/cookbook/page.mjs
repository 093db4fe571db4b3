// A page of the documentation as something that can be run. In a ```console block, "$ " begins a command, "> " goes
// on with it, and what follows is its output; a line "…" stands for lines that are left out. Comments that a reader
// does not see say the rest:
//   <!-- file: PATH -->     the next block is that file of the repository, to the letter
//   <!-- write: NAME -->    the next block is written to that file, as the reader is told to
//   <!-- wait: EVENT -->    until the run in $run has that event
//   <!-- not run -->        the next block is only read
/** The page's parts in order: {kind: file | write | wait | command, …} with the lines that they stand on. */
export function partsOf(text) {
  const lines = text.split('\n');
  const parts = [];
  let told = null;
  for (let at = 0; at < lines.length; at += 1) {
    const comment = /^<!-- (file|write|wait|not run):? ?(.*?) -->$/.exec(lines[at]);
    if (comment?.[1] === 'wait') parts.push({ kind: 'wait', event: comment[2] });
    else if (comment) told = { kind: comment[1], name: comment[2] };
    if (!lines[at].startsWith('```')) continue;
    const from = at + 1;
    while (lines[at + 1] !== '```') at += 1;
    const to = at + 1;
    const block = lines.slice(from, to);
    if (told) parts.push({ ...told, output: block, at: from });
    else if (lines[from - 1] === '```console') parts.push(...commandsOf(block, from));
    told = null;
    at += 1;
  }
  return parts;
}

function commandsOf(block, from) {
  const found = [];
  block.forEach((line, index) => {
    const last = found.at(-1);
    if (line.startsWith('$ ')) found.push({ kind: 'command', text: line.slice(2), output: [], at: from + index + 1 });
    else if (line.startsWith('> ') && last?.output.length === 0) {
      last.text += `\n${line.slice(2)}`;
      last.at += 1;
    } else last?.output.push(line);
  });
  return found;
}

/** Whether what came is what the page shows, but for ids, times, durations and the order of lines. */
export function agrees(shown, came) {
  const want = stable(shown.filter((line) => line !== '…'));
  const got = stable(came);
  return shown.includes('…') ? want.every((line) => got.includes(line)) : want.join('\n') === got.join('\n');
}

/** A line without what is another's each time: ids, hashes, days, times, durations, columns. */
const stableLine = (line) => line
  .replace(/\b([a-z]{2,5})_[0-9a-hjkmnp-tv-z]{26}\b/g, '$1_ID')
  .replace(/\b([a-z]{2,5})_[0-9a-f]{20}\b/g, '$1_ID').replace(/\b\d+ bytes\b/g, 'BYTES')
  .replace(/\b[0-9a-f]{64}\b/g, 'HASH').replace(/\b[0-9a-f]{40}\b/g, 'SHA')
  .replace(/\b\d{4}-\d\d-\d\d\b/g, 'DAY').replace(/\b\d\d:\d\d:\d\d(\.\d+)?\b/g, 'TIME')
  .replace(/\b[0-9a-f]{16}\b/g, 'PRINT').replace(/\b[0-9a-f]{8}\b/g, 'SHORT')
  .replace(/\b(\d+m\d\ds|\d+h\d\dm|\d+(\.\d+)?(ms|s))\b/g, 'SPAN')
  .replace(/ {2,}/g, ' ').trimEnd();

const stable = (lines) => lines.map(stableLine).filter((line) => line !== '').sort();

/** The lines that others has no fellow of. */
function without(lines, others) {
  const left = stable(others);
  return lines.filter((line) => {
    const at = left.indexOf(stableLine(line));
    if (at >= 0) left.splice(at, 1);
    return at < 0 && stableLine(line) !== '';
  });
}

/** Where page and product disagree: the lines that only one of them has. */
export function difference(page, part, came) {
  const shown = part.output.filter((line) => line !== '…');
  const told = (title, found) =>
    [`${title}:`, ...(found.length === 0 ? ['(nothing else)'] : found).map((line) => `  ${line}`)];
  return [`${page}:${part.at}`, ...told('expected', without(shown, came)), ...told('got', without(came, shown))]
    .join('\n         ');
}

/** The page with what came in the place of what it shows. */
export function rewritten(text, changes) {
  const lines = text.split('\n');
  for (const { part, came } of [...changes].reverse()) lines.splice(part.at, part.output.length, ...came);
  return lines.join('\n');
}
