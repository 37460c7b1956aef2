"""A product whose assistant drafts dispatch records, and acts only on what a person approved."""
