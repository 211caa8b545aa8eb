"""From a question to a fit: questions, terms, design matrix, fit."""
