"""The third wall: nothing of one workspace reaches another, on any route, for anybody.

A new route needs a row in ``policy.py`` and a new field a canary in ``world.py``; without it these
tests fail. How the walls stand: ``docs/decisions/0001-three-walls.md``.
"""
