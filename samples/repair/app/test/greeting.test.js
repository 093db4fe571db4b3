import { test } from 'node:test';
import assert from 'node:assert/strict';

test('greets', () => assert.match('good morning', /morning/));
