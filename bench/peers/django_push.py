"""django-eventstream behind uvicorn, one process, events in memory."""

import socket

import django
import uvicorn
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.http import HttpRequest, JsonResponse
from django.urls import include, path

settings.configure(
    SECRET_KEY="only-for-benchmarks",  # noqa: S106
    ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__,
    INSTALLED_APPS=["django_eventstream"],
    USE_TZ=True,
    MIDDLEWARE=["django.middleware.common.CommonMiddleware"],  # answers get a length
)
django.setup()

import json  # noqa: E402

import django_eventstream  # noqa: E402


def publish(request: HttpRequest) -> JsonResponse:
    """Send the body to everybody."""
    django_eventstream.send_event("all", "new-notification", json.loads(request.body))
    return JsonResponse({})


def spray(request: HttpRequest) -> JsonResponse:
    """Send the body to one person after the other."""
    data, times, people = json.loads(request.body), int(request.GET["n"]), int(request.GET["of"])
    for number in range(times):
        django_eventstream.send_event(f"u{number % people}", "new-notification", data)
    return JsonResponse({})


urlpatterns = [
    path("publish", publish),
    path("spray", spray),
    path("stream/<channel>/", include(django_eventstream.urls), {"format-channels": ["{channel}"]}),
]

if __name__ == "__main__":
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(f"http://127.0.0.1:{listener.getsockname()[1]}", flush=True)
    server = uvicorn.Server(uvicorn.Config(get_asgi_application(), log_level="warning"))
    server.run(sockets=[listener])
