import { test } from 'node:test';
import assert from 'node:assert/strict';
import { total } from '../src/cart.js';

test('a cart costs the sum of its lines', () =>
  assert.equal(total([{ cents: 250, quantity: 2 }, { cents: 100, quantity: 5 }]), 1000));

test('an empty cart costs nothing', () => assert.equal(total([]), 0));
