'use strict';

const node = {
  __dirname: 'readonly',
  console: 'readonly',
  module: 'writable',
  process: 'readonly',
  require: 'readonly',
};
const jest = { describe: 'readonly', expect: 'readonly', test: 'readonly' };

module.exports = [
  { ignores: ['dist/', 'coverage/'] },
  {
    files: ['**/*.js'],
    languageOptions: { ecmaVersion: 2023, sourceType: 'commonjs', globals: node },
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-implied-eval': 'error',
      'no-new-func': 'error',
      'no-undef': 'error',
      'no-unused-vars': 'error',
      'prefer-const': 'error',
    },
  },
  { files: ['test/**/*.js'], languageOptions: { globals: jest } },
];
