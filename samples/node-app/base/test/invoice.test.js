'use strict';

const { tax, total } = require('../src/invoice');

describe('invoice', () => {
  test('total adds quantities times prices', () => {
    expect(total([{ quantity: 2, unitCents: 1999 }, { quantity: 1, unitCents: 2 }])).toBe(4000);
  });

  test('total of no line is zero', () => {
    expect(total([])).toBe(0);
  });

  test('tax rounds half a cent up', () => {
    expect(tax(50, 21)).toBe(11);
  });
});
