#include "scenario.h"
const Scenario scenarios_server[] = { { NULL } };
