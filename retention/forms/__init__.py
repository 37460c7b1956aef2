"""Shape and wording of the retention room's forms; what may be is decided by the services."""
