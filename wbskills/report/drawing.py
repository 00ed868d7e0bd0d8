"""pygal, which draws our charts, without its hold on the imports of the whole process.

It hooks itself into every import, for maps that we do not use. On Python 3.11 each later import
then warns, and ends the tests of others who have warnings for errors.
"""

import sys

import pygal
from pygal.style import Style

sys.meta_path[:] = [each for each in sys.meta_path if type(each).__module__ != "pygal"]

__all__ = ["Style", "pygal"]
