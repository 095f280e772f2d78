import os
from concurrent.futures import ThreadPoolExecutor

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aqoci.settings")

application = get_asgi_application()

from members.checks import refuse_left_over  # noqa: E402 (it needs the settings)

# The server may already run its loop, in which Django asks the database nothing.
with ThreadPoolExecutor(1) as pool:
    pool.submit(refuse_left_over).result()
