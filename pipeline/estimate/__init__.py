"""Mathematics on arrays: states, fits and inference; no frames, no names, no files."""
