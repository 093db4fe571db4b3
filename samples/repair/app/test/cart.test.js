import { test } from 'node:test';
import assert from 'node:assert/strict';
import { total } from '../src/cart.js';

const lines = [
  { cents: 250, quantity: 2 },
  { cents: 100, quantity: 5 },
];

test('a cart without a discount costs the sum of its lines', () => assert.equal(total(lines), 1000));

test('five percent off', () => assert.equal(total(lines, 5), 950));
