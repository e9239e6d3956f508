"""How many random cases the property tests try, which are marked `property`."""

import os

CASES = int(os.environ.get("DUNNING_PROPERTY_COUNT", "6000"))
