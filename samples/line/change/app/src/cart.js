// What a cart costs, in cents.

export function sum(lines) {
  return lines.reduce((cents, line) => cents + line.cents * line.quantity, 0);
}

export function total(lines) {
  return sum(lines);
}
