"""The demo company: people, tenants and vendors that a newcomer finds, made through the services."""
