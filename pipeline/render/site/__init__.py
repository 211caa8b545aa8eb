"""The published site: one module a page, each from an edition to HTML; nothing is computed here."""
