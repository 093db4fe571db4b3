import { discounted } from './discount.js';

/** The price of a cart in cents. */
export function total(lines, percent = 0) {
  const sum = lines.reduce((all, line) => all + line.cents * line.quantity, 0);
  return discounted(sum, percent);
}
