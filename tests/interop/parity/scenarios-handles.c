#include "scenario.h"
const Scenario scenarios_handles[] = { { NULL } };
