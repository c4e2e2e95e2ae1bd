"""RAPL: the energy counters of CPU packages and their memory. :mod:`.sensor` is the Sensor."""
