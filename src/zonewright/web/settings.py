"""Settings of the desk, all from the environment; a bad value fails at the start.

==============================  ===================================================================
variable                        meaning
==============================  ===================================================================
ZONEWRIGHT_WORKSPACE            path of the workspace file
ZONEWRIGHT_DATABASE_URL         ``postgresql://…`` of a shared workspace; goes before the path
ZONEWRIGHT_SECRET_KEY(_FILE)    key that signs sessions; `zonewright serve` keeps one beside a file
ZONEWRIGHT_ALLOWED_HOSTS        host names under which the desk answers, comma-separated
ZONEWRIGHT_HTTPS                1 if readers reach the desk by HTTPS (cookies become Secure)
ZONEWRIGHT_STATIC_ROOT          folder of collected static files; unset: the package itself
ZONEWRIGHT_TIME_ZONE            time zone of dates and times on the pages
ZONEWRIGHT_DEBUG                1 while developing; never where others can reach it
==============================  ===================================================================
"""

from __future__ import annotations

import os
from pathlib import Path

from csp.constants import NONE, SELF

from zonewright.store.workspace import database_config
from zonewright.web.environment import env_bool, env_list, env_secret

WORKSPACE = os.environ.get("ZONEWRIGHT_DATABASE_URL") or os.environ.get("ZONEWRIGHT_WORKSPACE", "")
PACKAGE = Path(__file__).resolve().parent

DEBUG = env_bool("ZONEWRIGHT_DEBUG")
HTTPS = env_bool("ZONEWRIGHT_HTTPS")
SECRET_KEY = env_secret("ZONEWRIGHT_SECRET_KEY")
ALLOWED_HOSTS = env_list(
    "ZONEWRIGHT_ALLOWED_HOSTS", default=("localhost", "127.0.0.1", "[::1]", ".localhost")
)

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "axes",
    "csp",
    "django_otp",
    "django_otp.plugins.otp_static",
    "django_otp.plugins.otp_totp",
    "ninja",
    "zonewright.store",
    "zonewright.web",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zonewright.web.access.AccessOfReader",
    "zonewright.web.middleware.SignInRequired",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zonewright.web.middleware.PrivatePages",
    "zonewright.web.middleware.ErrorPages",
]
ROOT_URLCONF = "zonewright.web.urls"
WSGI_APPLICATION = "zonewright.web.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zonewright.web.context.desk",
            ],
            "builtins": ["django.templatetags.i18n", "zonewright.web.templatetags.desk"],
        },
    }
]

DATABASES = {"default": database_config(WORKSPACE)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": "zonewright",
    }
}

# ---- Accounts ---------------------------------------------------------------------------------

AUTH_USER_MODEL = "store.User"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "overview"
LOGOUT_REDIRECT_URL = "sign-in"
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
_VALIDATION = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_VALIDATION}.UserAttributeSimilarityValidator"},
    {"NAME": f"{_VALIDATION}.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": f"{_VALIDATION}.CommonPasswordValidator"},
    {"NAME": f"{_VALIDATION}.NumericPasswordValidator"},
]

# ---- What a browser is told -------------------------------------------------------------------

SESSION_COOKIE_NAME = "zonewright_session"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = HTTPS
SESSION_COOKIE_AGE = 12 * 60 * 60
CSRF_COOKIE_NAME = "zonewright_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SECURE = HTTPS
CSRF_FAILURE_VIEW = "zonewright.web.views.errors.csrf_refused"
LANGUAGE_COOKIE_NAME = "zonewright_language"
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60
THEME_COOKIE_NAME = "zonewright_theme"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 30 * 24 * 60 * 60 if HTTPS else 0
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "worker-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    }
}

# ---- Languages and time -----------------------------------------------------------------------

USE_I18N = True
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
USE_TZ = True
LOCALE_PATHS = sorted((PACKAGE / "locale").iterdir())
TIME_ZONE = os.environ.get("ZONEWRIGHT_TIME_ZONE") or "Asia/Shanghai"

# ---- Static files: from the package as they are, or collected and compressed --------------------

STATIC_URL = "/static/"
STATIC_ROOT = os.environ.get("ZONEWRIGHT_STATIC_ROOT") or None
STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.AppDirectoriesFinder"]
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
_STATIC_FILES = (
    "django.contrib.staticfiles.storage.StaticFilesStorage"
    if STATIC_ROOT is None
    else "whitenoise.storage.CompressedManifestStaticFilesStorage"
)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": _STATIC_FILES},
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "zonewright.web": {"handlers": ["console"], "level": "INFO"},
    },
}
