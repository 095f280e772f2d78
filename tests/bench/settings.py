"""The settings of production, with static files collected in a folder of this run's own."""

from aqoci.settings import *  # noqa: F403
from aqoci.settings import env

STATIC_ROOT = env("BENCH_STATIC_ROOT")
