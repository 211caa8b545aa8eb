"""How contributions become a report: read, check, pool, fit, render.

Data flows one way; each stage imports only earlier ones, and `__main__` is the only door.
"""

import os

# The fits are many small systems, which several threads of BLAS slow down; set before numpy comes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
