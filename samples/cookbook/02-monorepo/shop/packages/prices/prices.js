/** A price in cents with tax in percent. */
export const withTax = (cents, percent) => Math.round(cents * (1 + percent / 100));
