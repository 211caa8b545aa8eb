"""Problems of a contribution, as text and JSON."""
