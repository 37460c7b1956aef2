"""Review queues: a person decides about what an AI drafted before a product may act on it."""
