#include "scenario.h"
const Scenario scenarios_states[] = { { NULL } };
