/** What is left of an amount in cents after a discount in percent. */
export function discounted(cents, percent) {
  return Math.round(cents - (cents * percent) / 10);
}
