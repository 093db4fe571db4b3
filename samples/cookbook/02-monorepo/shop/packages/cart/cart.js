/** What a cart costs. Prices are in cents; a line is {cents, count}. */
export const total = (lines) => lines.reduce((sum, line) => sum + line.cents * line.count, 0);
