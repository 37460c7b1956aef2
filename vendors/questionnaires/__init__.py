"""Questionnaires as pure functions: read, shown-when, answers, scores, spreadsheets. No database, no request."""
