"""A portfolio that looks like a real one and is not: firms, segments and answers, the same for the same seed.

Pure: numpy only. Industries lean to certain architectures and ways of connecting; segments of one firm are
alike, raters see a segment alike, a few do not know or disagree.
"""

from assessments.synthetic.answers import draw_digits
from assessments.synthetic.portfolio import BLOCK, Block, FirmSketch, SegmentSketch, draw_block

__all__ = ["BLOCK", "Block", "FirmSketch", "SegmentSketch", "draw_block", "draw_digits"]
