#include "scenario.h"
const Scenario scenarios_buffers[] = { { NULL } };
