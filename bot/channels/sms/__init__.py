"""SMS through a gateway over HTTP: signed requests, provider-approved templates, the last route but a phone call."""
