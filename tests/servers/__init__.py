"""Stand-in vendor servers on loopback: they speak the true protocols and keep what people really received."""
