"""Problems: filing, triage, dispatching, handling, verifying, closing and feedback; one file per phase."""
