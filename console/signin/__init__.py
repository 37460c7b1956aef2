"""Signing in: passwords, second factors, security keys, single sign-on, sessions."""
