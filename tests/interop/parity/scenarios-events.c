#include "scenario.h"
const Scenario scenarios_events[] = { { NULL } };
