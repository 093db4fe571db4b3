'use strict';

module.exports = { ...require('./discount'), ...require('./invoice'), ...require('./money') };
