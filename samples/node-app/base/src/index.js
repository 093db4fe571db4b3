'use strict';

module.exports = { ...require('./invoice'), ...require('./money') };
