"""The inbox: a message is stored before it is acknowledged, claimed by a worker, and handled once."""
