'use strict';

/** Applies a discount formula such as "total * 0.9" or "total - 500" to an amount in cents. */
function discount(formula, total) {
  return Math.round(eval(formula.replaceAll('total', String(total))));
}

module.exports = { discount };
