'use strict';

const { format, parse } = require('../src/money');

describe('money', () => {
  test.each([[0, '0.00'], [5, '0.05'], [1999, '19.99'], [-250, '-2.50']])(
    'format %d', (cents, text) => expect(format(cents)).toBe(text));

  test.each([['0', 0], ['19.9', 1990], ['-2.50', -250]])(
    'parse %s', (text, cents) => expect(parse(text)).toBe(cents));

  test('parse refuses what is not an amount', () => {
    expect(() => parse('1,50')).toThrow(RangeError);
  });
});
