"""Service items: the catalogue, applications from received to collected or brought home, deliveries, appointments."""
