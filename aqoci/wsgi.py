import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aqoci.settings")

application = get_wsgi_application()

from members.checks import refuse_left_over  # noqa: E402 (it needs the settings)

refuse_left_over()
