'use strict';

const { discount } = require('../src/discount');

describe('discount', () => {
  test.each([['total * 0.9', 1000, 900], ['total - 500', 2000, 1500], ['total', 42, 42]])(
    '%s of %d', (formula, total, expected) => expect(discount(formula, total)).toBe(expected));
});
