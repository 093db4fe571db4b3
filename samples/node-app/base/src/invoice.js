'use strict';

/** The sum of all lines in cents. A line is { quantity, unitCents }. */
function total(lines) {
  return lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
}

/** Tax in cents at a rate in per cent, half a cent rounded up. */
function tax(cents, ratePercent) {
  return Math.round((cents * ratePercent) / 100);
}

module.exports = { tax, total };
