"""REST of the shared words, and what every REST resource shares.

Settings name the classes of ``access``, ``bodies``, ``lists`` and ``problems``; REST framework loads them
while its own views load, so those modules never import a view.
"""
