import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withTax } from './prices.js';

test('tax is added', () => assert.equal(withTax(1000, 21), 1210));
test('a fraction of a cent is rounded', () => assert.equal(withTax(99, 21), 120));
