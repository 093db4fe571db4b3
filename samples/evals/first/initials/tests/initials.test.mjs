import assert from 'node:assert/strict';
import test from 'node:test';
import { initials } from './initials.mjs';

test('one word', () => assert.equal(initials('ada'), 'A.'));
test('several words', () => assert.equal(initials('grace brewster  hopper'), 'G.B.H.'));
