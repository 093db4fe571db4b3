'use strict';

const FORMULA = /^total(?:\s*([-*])\s*(\d+(?:\.\d+)?))?$/;

/** Applies a discount formula such as "total * 0.9" or "total - 500" to an amount in cents. */
function discount(formula, total) {
  const match = FORMULA.exec(formula);
  if (match === null) {
    throw new RangeError(`not a discount formula: ${formula}`);
  }
  const [, operator, number] = match;
  switch (operator) {
    case '*': return Math.round(total * Number(number));
    case '-': return Math.round(total - Number(number));
    default: return total;
  }
}

module.exports = { discount };
